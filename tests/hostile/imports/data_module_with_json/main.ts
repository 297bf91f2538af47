export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    const code =
      `import secret from "file://${outside}/secret.json" with { type: "json" }; export default secret`;
    return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).default;
  },
});

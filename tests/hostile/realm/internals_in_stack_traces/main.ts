export const activate = (): unknown => ({
  async attack() {
    const found: unknown[] = [];
    Error.prepareStackTrace = (_, sites) => {
      for (const site of sites) {
        if (/^(ext|node):/.test(site.getFileName() ?? "")) found.push(site.getFunction(), site.getThis());
      }
    };
    await new Promise<void>((resolve) => setTimeout(() => resolve(void new Error().stack)));
    JSON.stringify({ toJSON: () => new Error().stack });
    structuredClone({
      get trap() {
        return new Error().stack;
      },
    });
    const isBlank = found.length > 0 && found.every((value) => value === undefined);
    return isBlank ? "closed: they show nothing" : `open: ${found}`;
  },
});

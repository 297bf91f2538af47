export const activate = (): unknown => ({
  attack() {
    const { internal } = Deno as unknown as { internal: symbol };
    const core = (Deno as unknown as Record<symbol, object | undefined>)[internal];
    return core === undefined ? "closed: they are gone" : `open: ${Object.keys(core)}`;
  },
});

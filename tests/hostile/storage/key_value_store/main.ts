export const activate = (): unknown => ({
  async attack() {
    const { openKv } = Deno as unknown as { openKv: (path?: string) => Promise<unknown> };
    return `open: ${await openKv()}`;
  },
});

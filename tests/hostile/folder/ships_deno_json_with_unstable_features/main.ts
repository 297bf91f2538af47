function fail(): never {
  throw new TypeError("Deno.openKv is not a function");
}

export const activate = (): unknown => ({
  async attack() {
    const { openKv } = Deno as unknown as { openKv: (path: string) => Promise<object> };
    return `open: ${await (openKv ?? fail)(":memory:")}`;
  },
});

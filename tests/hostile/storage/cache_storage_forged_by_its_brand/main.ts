export const activate = (): unknown => ({
  async attack() {
    const brand = Object.getOwnPropertySymbols(globalThis).find((symbol) =>
      symbol.description?.includes("brand")
    )!;
    const { CacheStorage } = globalThis as unknown as { CacheStorage?: { prototype: CacheStorage } };
    const forged = Object.create(CacheStorage?.prototype ?? null);
    forged[brand] = (globalThis as never)[brand];
    return `open: ${await forged.open("hostile")}`;
  },
});

export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    using watcher = Deno.watchFs(outside);
    return (await watcher[Symbol.asyncIterator]().next()).value;
  },
});

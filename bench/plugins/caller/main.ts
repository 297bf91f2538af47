import type { PluginContext } from "@cordon/cordon/sdk";

interface Echo {
  answer(value: unknown): unknown;
  drain(stream: AsyncIterable<Uint8Array>): Promise<number>;
}

export async function activate(ctx: PluginContext) {
  const echo = await ctx.use<Echo>("echo");
  return {
    /** Calls the other plugin, one call after the other. */
    async call(count: number, value: unknown) {
      for (let left = count; left > 0; left--) await echo.answer(value);
    },
    /** Sends the other plugin a stream of chunks; the bytes that it read. */
    pump(count: number, size: number) {
      const chunk = new Uint8Array(size);
      return echo.drain((async function* () {
        for (let left = count; left > 0; left--) yield chunk;
      })());
    },
  };
}

import type { PluginContext } from "@cordon/cordon/sdk";

export function activate(ctx: PluginContext): unknown {
  let seen = 0;
  let missed = 0;
  let wanted = Infinity;
  let done: (() => void) | undefined;
  const check = () => {
    if (seen + missed >= wanted) done?.();
  };
  ctx.events.on("bench.tick", (_value, origin) => {
    seen++;
    missed += origin.missed;
    check();
  }, { overflow: "block" });
  return {
    /** Settles when so many events have come since the last time; returns how many were missed. */
    async count(count: number) {
      wanted = count;
      await new Promise<void>((resolve) => {
        done = resolve;
        check();
      });
      const lost = missed;
      [seen, missed, wanted] = [0, 0, Infinity];
      return lost;
    },
  };
}

import type { PluginContext } from "@cordon/cordon/sdk";
const { stringify } = JSON;

/** Sends another message in the place of the next. */
function forge(change: object) {
  JSON.stringify = (message) => {
    JSON.stringify = stringify;
    return stringify({ ...message as object, ...change });
  };
}

export const activate = (ctx: PluginContext): unknown => ({
  attack() {
    forge({
      id: "hostile.witness",
      params: ["info", 'forged\n{"id":"hostile.witness"}', null],
      method: "log",
    });
    ctx.log.info("x");
    return "closed: the host goes on";
  },
});

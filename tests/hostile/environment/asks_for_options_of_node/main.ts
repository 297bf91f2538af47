export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.env.get("NODE_OPTIONS")}`;
  },
});

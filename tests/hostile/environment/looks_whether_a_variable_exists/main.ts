export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.env.has("CORDON_CANARY")}`;
  },
});

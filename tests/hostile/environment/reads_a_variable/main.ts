export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.env.get("CORDON_CANARY")}`;
  },
});

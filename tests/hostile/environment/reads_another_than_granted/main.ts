export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.env.get("LANG")}, ${Deno.env.get("CORDON_CANARY")}`;
  },
});

export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.env.get("LANG,CORDON_CANARY")}`;
  },
});

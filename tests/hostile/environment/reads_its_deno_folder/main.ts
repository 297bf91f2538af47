export const activate = (): unknown => ({
  attack() {
    return `open: ${Deno.env.get("DENO_DIR")}`;
  },
});

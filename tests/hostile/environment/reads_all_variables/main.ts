export const activate = (): unknown => ({
  attack() {
    return Deno.env.toObject();
  },
});

export const activate = (): unknown => ({
  attack() {
    Deno.env.delete("HOME");
    return "open: deleted";
  },
});

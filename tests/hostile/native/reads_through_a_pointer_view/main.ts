export const activate = (): unknown => ({
  attack() {
    const view = new Deno.UnsafePointerView({} as Deno.PointerObject);
    return `open: ${view.getCString()}`;
  },
});

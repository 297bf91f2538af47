addEventListener("unload", () => {
  for (;;);
});
Deno.addSignalListener("SIGTERM", () => {});

export const activate = (): unknown => ({
  attack() {
    return "closed: until it stops";
  },
});

export const activate = (): unknown => ({
  attack() {
    Deno.writeTextFileSync("/bin/true", "#!/bin/sh");
    return "open: wrote";
  },
});

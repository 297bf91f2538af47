export const activate = (): unknown => ({
  attack() {
    // deno-lint-ignore no-console -- that is the attack
    console.log("\u001b[2J\u001b]0;owned\u0007 \u202etxt.exe \u009b31m");
    // deno-lint-ignore no-console -- that is the attack
    console.error("\u001b[2J\u001b]0;owned\u0007 \u202etxt.exe \u009b31m");
    return "closed: the host goes on";
  },
});

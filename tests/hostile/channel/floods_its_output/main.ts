export const activate = (): unknown => ({
  attack() {
    // deno-lint-ignore no-console -- that is the attack
    for (let n = 0; n < 200; n++) console.log("x".repeat(20_000));
    return "closed: the host goes on";
  },
});

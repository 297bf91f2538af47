export const activate = (): unknown => ({
  async attack() {
    const { default: stack } = await import(["./mapped", "js"].join("."));
    return stack.includes("canary") ? `open: ${stack}` : `closed: no secret in ${stack}`;
  },
});

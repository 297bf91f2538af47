export const activate = (): unknown => ({
  attack() {
    const patched = () => {
      throw new Error("patched");
    };
    Object.assign(globalThis, { setTimeout: patched, queueMicrotask: patched });
    return "closed: patched";
  },
});

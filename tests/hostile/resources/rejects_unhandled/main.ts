export const activate = (): unknown => ({
  attack() {
    Promise.reject(new Error("nobody listens"));
    return new Promise(() => {});
  },
});

export const activate = (): unknown => ({
  attack() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return "open: woken";
  },
});

export const activate = (): unknown => ({
  attack() {
    new BroadcastChannel("hostile").postMessage("forged");
    return "open: sent";
  },
});

export const activate = (): unknown => ({
  async attack() {
    const { gpu } = navigator as unknown as { gpu?: { requestAdapter(): Promise<unknown> } };
    return gpu === undefined ? "closed: there is none" : `open: ${await gpu.requestAdapter()}`;
  },
});

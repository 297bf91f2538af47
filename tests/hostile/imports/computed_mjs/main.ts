export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    return await import(`${outside}/secret.mjs`);
  },
});

export const activate = (): unknown => ({
  async attack({ granted }: { granted: string }) {
    return await import(`http://127.0.0.1:${granted}/secret.ts`);
  },
});

export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await import(`http://127.0.0.1:${port}/secret.ts`);
  },
});

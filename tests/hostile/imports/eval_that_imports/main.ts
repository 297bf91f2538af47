export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    return (await new Function("url", "return import(url)")(`file://${outside}/secret.ts`)).default;
  },
});

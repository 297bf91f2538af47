export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    return await (await fetch(`file://${outside}/secret.txt`)).text();
  },
});

export const activate = (): unknown => ({
  async attack({ granted }: { granted: string }) {
    return await (await fetch(`http://127.0.0.1:${granted}/redirect`)).text();
  },
});

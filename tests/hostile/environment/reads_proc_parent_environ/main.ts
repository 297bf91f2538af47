export const activate = (): unknown => ({
  async attack({ pid }: { pid: string }) {
    return await Deno.readTextFile(`/proc/${pid}/environ`);
  },
});

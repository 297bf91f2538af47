export const activate = (): unknown => ({
  async attack({ data }: { data: string }) {
    return await Deno.readTextFile(`${data}/logs/plugins.jsonl`);
  },
});

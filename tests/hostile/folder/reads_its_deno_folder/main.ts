export const activate = (): unknown => ({
  async attack({ data }: { data: string }) {
    return (await Array.fromAsync(Deno.readDir(`${data}/plugins/hostile.reads-its-deno-folder/deno`))).map((
      { name },
    ) => name);
  },
});

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    return `open: ${Deno.makeTempFileSync({ dir: outside })}`;
  },
});

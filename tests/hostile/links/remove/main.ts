export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    Deno.removeSync(outside, { recursive: true });
    return "open: removed";
  },
});

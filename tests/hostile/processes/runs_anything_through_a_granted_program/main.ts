export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    const { stdout } = new Deno.Command("/usr/bin/env", { args: ["/bin/cat", `${outside}/secret.txt`] })
      .outputSync();
    return `open: ${new TextDecoder().decode(stdout)}`;
  },
});

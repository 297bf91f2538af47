export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    const { stdout } = new Deno.Command("/usr/bin/env", { args: ["/bin/cat", `${outside}/secret.txt`] })
      .outputSync();
    return stdout.length === 0 ? "closed: nothing was printed" : `open: ${new TextDecoder().decode(stdout)}`;
  },
});

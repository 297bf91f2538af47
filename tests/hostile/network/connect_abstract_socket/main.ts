export const activate = (): unknown => ({
  async attack({ abstract }: { abstract: string }) {
    return await Deno.connect({ transport: "unix", path: `\0${abstract}` }).then(
      () => "open: connected",
      ({ message }) => `closed: ${message.replaceAll("\0", "@")}`,
    );
  },
});

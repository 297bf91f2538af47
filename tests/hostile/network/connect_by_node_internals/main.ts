import { createRequire } from "node:module";

export const activate = (): unknown => ({
  attack({ port }: { port: string }) {
    const { TCP, TCPConnectWrap, constants } = createRequire(import.meta.url)("internal/test/binding")
      .internalBinding("tcp_wrap");
    return `open: ${new TCP(constants.SOCKET).connect(new TCPConnectWrap(), "127.0.0.1", Number(port))}`;
  },
});

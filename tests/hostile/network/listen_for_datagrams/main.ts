export const activate = (): unknown => ({
  attack() {
    const { listenDatagram } = Deno as unknown as { listenDatagram?: (options: object) => unknown };
    return listenDatagram === undefined
      ? "closed: there is no such function"
      : `open: ${listenDatagram({ transport: "udp", port: 0 })}`;
  },
});

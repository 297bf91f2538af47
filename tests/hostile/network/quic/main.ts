export const activate = (): unknown => ({
  attack() {
    const { QuicEndpoint } = Deno as unknown as { QuicEndpoint?: new () => unknown };
    return QuicEndpoint === undefined ? "closed: there is no such class" : `open: ${new QuicEndpoint()}`;
  },
});

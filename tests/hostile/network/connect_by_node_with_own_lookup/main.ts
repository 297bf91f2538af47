import { connect } from "node:net";

export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    const lookup = (_: string, options: { all?: boolean }, done: (...args: unknown[]) => void) =>
      options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
    return await new Promise((resolve, reject) => {
      const socket = connect({ host: "granted.test", port: Number(port), lookup } as never);
      socket.on("connect", () => resolve("open: connected")).on("error", reject);
    });
  },
});

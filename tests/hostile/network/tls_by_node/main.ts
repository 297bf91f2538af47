import { connect } from "node:tls";

export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await new Promise((resolve, reject) => {
      connect({ host: "127.0.0.1", port: Number(port) }, () => resolve("open: connected")).on(
        "error",
        reject,
      );
    });
  },
});

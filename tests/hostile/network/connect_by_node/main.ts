import { connect } from "node:net";

export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await new Promise((resolve, reject) => {
      connect(Number(port), "127.0.0.1", () => resolve("open: connected")).on("error", reject);
    });
  },
});

import { connect } from "node:http2";

export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await new Promise((resolve, reject) => {
      connect(`http://127.0.0.1:${port}`, () => resolve("open: connected")).on("error", reject);
    });
  },
});

import { connect } from "node:net";

export const activate = (): unknown => ({
  async attack({ socket }: { socket: string }) {
    return await new Promise((resolve, reject) => {
      connect(socket, () => resolve("open: connected")).on("error", reject);
    });
  },
});

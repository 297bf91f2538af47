import { createServer } from "node:net";

export const activate = (): unknown => ({
  async attack() {
    return await new Promise((resolve) => {
      const server = createServer().listen("\0hostile", () => resolve("open: listening"));
      server.on("error", ({ message }) => resolve(`closed: ${message.replaceAll("\0", "@")}`));
    });
  },
});

import { createServer } from "node:net";

export const activate = (): unknown => ({
  async attack() {
    return await new Promise((resolve, reject) => {
      createServer().on("error", reject).listen(0, () => resolve("open: listening"));
    });
  },
});

import { createSocket } from "node:dgram";
import process from "node:process";

export const activate = (): unknown => ({
  async attack() {
    return await new Promise((resolve, reject) => {
      process.once("uncaughtException", reject);
      createSocket("udp4").on("error", reject).bind(0, () => resolve("open: listening"));
    });
  },
});

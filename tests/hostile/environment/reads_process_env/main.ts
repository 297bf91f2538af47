import process from "node:process";

export const activate = (): unknown => ({
  attack() {
    return `open: ${process.env.CORDON_CANARY}`;
  },
});

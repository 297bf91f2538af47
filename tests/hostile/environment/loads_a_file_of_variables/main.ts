import process from "node:process";

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    process.loadEnvFile(`${outside}/.env`);
    return `open: ${process.env.CANARY}`;
  },
});

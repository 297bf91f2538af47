import process from "node:process";

export const activate = (): unknown => ({
  attack({ pid }: { pid: string }) {
    return `open: ${process.kill(Number(pid), 0)}`;
  },
});

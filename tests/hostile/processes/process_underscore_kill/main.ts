import process from "node:process";

export const activate = (): unknown => ({
  attack() {
    const { _kill: kill } = process as unknown as { _kill: (pid: number, signal: number) => unknown };
    return `open: ${kill(process.ppid, 0)}`;
  },
});

import process from "node:process";

export const activate = (): unknown => ({
  attack() {
    const { _debugProcess: debug } = process as unknown as { _debugProcess: (pid: number) => unknown };
    return `open: ${debug(process.ppid)}`;
  },
});

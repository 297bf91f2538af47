import process from "node:process";

export const activate = (): unknown => ({
  attack() {
    const { Worker } = process.getBuiltinModule("worker_threads");
    return `open: ${new Worker("1", { eval: true })}`;
  },
});

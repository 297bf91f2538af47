import Module from "node:module";

export const activate = (): unknown => ({
  attack() {
    const { _load: load } = Module as unknown as {
      _load: (name: string) => { Worker: new (text: string, options: object) => unknown };
    };
    return `open: ${new (load("node:worker_threads").Worker)("1", { eval: true })}`;
  },
});

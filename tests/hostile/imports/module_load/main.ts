import Module from "node:module";

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    const { _load: load } = Module as unknown as { _load: (path: string) => unknown };
    return load(`${outside}/secret.cjs`);
  },
});

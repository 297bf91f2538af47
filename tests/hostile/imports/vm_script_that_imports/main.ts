import { constants, Script } from "node:vm";

export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    const script = new Script(`import("file://${outside}/secret.ts")`, {
      filename: `file://${outside}/x.js`,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    return (await script.runInThisContext()).default;
  },
});

import process from "node:process";

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    const { createRequire } = process.getBuiltinModule("node:module");
    return createRequire(outside + "/x.js")("./secret.json");
  },
});

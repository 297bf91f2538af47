import { WASI } from "node:wasi";

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    return `open: ${new WASI({ version: "preview1", preopens: { "/": outside } })}`;
  },
});

import process from "node:process";

export const activate = (): unknown => ({
  attack() {
    process.dlopen({ exports: {} }, "/lib/x86_64-linux-gnu/libc.so.6");
    return "open: loaded";
  },
});

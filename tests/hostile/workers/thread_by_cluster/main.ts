import cluster from "node:cluster";

export const activate = (): unknown => ({
  attack() {
    cluster.setupPrimary({ exec: new URL("./main.ts", import.meta.url).pathname });
    return `open: ${cluster.fork()}`;
  },
});

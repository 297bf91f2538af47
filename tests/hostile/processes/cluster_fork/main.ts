import cluster from "node:cluster";

export const activate = (): unknown => ({
  attack() {
    return `open: ${cluster.fork()}`;
  },
});

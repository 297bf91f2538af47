import inspector from "node:inspector";

export const activate = (): unknown => ({
  attack() {
    inspector.open(0);
    return `open: ${inspector.url()}`;
  },
});

import { writeHeapSnapshot } from "node:v8";

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    return `open: ${writeHeapSnapshot(`${outside}/heap`)}`;
  },
});

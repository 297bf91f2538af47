import { runInNewContext } from "node:vm";

export const activate = (): unknown => ({
  attack() {
    return `closed: there is ${runInNewContext("typeof Worker + typeof Deno + typeof require")}`;
  },
});

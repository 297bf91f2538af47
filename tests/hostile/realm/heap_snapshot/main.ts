import { getHeapSnapshot } from "node:v8";

export const activate = (): unknown => ({
  async attack() {
    let text = "";
    for await (const chunk of getHeapSnapshot().setEncoding("utf8")) text += chunk;
    const [secret] = /canary-[0-9a-f-]{36}/.exec(text) ?? [];
    return secret === undefined ? "closed: it holds no secret" : `open: ${secret}`;
  },
});

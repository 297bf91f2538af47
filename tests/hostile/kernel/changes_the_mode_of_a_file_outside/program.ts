import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { outside } }: Hands): string => {
  const file = `${outside}/secret.txt`;
  Deno.chmodSync(file, Deno.statSync(file).mode! & 0o777);
  return "open: changed";
};

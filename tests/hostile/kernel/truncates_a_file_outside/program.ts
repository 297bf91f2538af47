import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { outside } }: Hands): string => {
  const file = `${outside}/secret.txt`;
  Deno.truncateSync(file, Deno.statSync(file).size);
  return "open: it can be cut";
};

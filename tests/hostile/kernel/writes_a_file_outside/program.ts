import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { outside } }: Hands): string => {
  Deno.openSync(`${outside}/secret.txt`, { append: true }).close();
  return "open: it can be written to";
};

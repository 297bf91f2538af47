import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { outside, own } }: Hands): string => {
  Deno.symlinkSync(`${outside}/secret.txt`, `${own}/link.txt`);
  return "open: made";
};

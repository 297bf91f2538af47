import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { outside, own } }: Hands): string => {
  const [before, after] = [`${outside}/secret.txt`, `${own}/secret.txt`];
  Deno.renameSync(before, after);
  Deno.renameSync(after, before);
  return "open: moved";
};

import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { outside } }: Hands): string => {
  const [before, after] = [`${outside}/secret.txt`, `${outside}/renamed.txt`];
  Deno.renameSync(before, after);
  Deno.renameSync(after, before);
  return "open: renamed";
};

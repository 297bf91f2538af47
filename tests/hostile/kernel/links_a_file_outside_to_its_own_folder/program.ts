import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { outside, own } }: Hands): string => {
  const link = `${own}/link.txt`;
  Deno.linkSync(`${outside}/secret.txt`, link);
  const secret = Deno.readTextFileSync(link);
  Deno.removeSync(link);
  return `open: ${secret}`;
};

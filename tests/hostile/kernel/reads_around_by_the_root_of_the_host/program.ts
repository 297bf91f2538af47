import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { outside, pid } }: Hands): string =>
  `open: ${Deno.readTextFileSync(`/proc/${pid}/root${outside}/secret.txt`)}`;

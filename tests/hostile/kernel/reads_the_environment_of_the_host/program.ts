import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { pid } }: Hands): string =>
  `open: ${Deno.readTextFileSync(`/proc/${pid}/environ`)}`;

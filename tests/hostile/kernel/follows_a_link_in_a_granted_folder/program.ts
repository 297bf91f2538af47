import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { shared } }: Hands): string =>
  `open: ${Deno.readTextFileSync(`${shared}/link.txt`)}`;

import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { neighbour } }: Hands): string =>
  `open: ${Deno.readTextFileSync(`/proc/${neighbour}/environ`)}`;

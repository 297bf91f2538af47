import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { data } }: Hands): string =>
  `open: ${Deno.readFileSync(`${data}/cordon.db`).length} bytes`;

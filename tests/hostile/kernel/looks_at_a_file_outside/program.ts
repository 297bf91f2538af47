import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { outside } }: Hands): string =>
  `open: ${Deno.statSync(`${outside}/secret.txt`).size} bytes`;

import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { pid } }: Hands): string =>
  `open: ${[...Deno.readDirSync(`/proc/${pid}/fd`)].length} descriptors`;

import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { neighbour }, call }: Hands): string =>
  `open: ${call("setpriority", 0, Number(neighbour), 0)}`;

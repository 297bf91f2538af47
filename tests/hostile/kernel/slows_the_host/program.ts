import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { pid }, call }: Hands): string =>
  `open: ${call("setpriority", 0, Number(pid), 0)}`;

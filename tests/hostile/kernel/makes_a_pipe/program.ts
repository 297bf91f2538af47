import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { own }, call }: Hands): string =>
  `open: ${call("mkfifo", `${own}/pipe`, 0o600)}`;

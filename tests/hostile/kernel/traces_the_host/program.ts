import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { pid }, call }: Hands): string =>
  `open: ${call("ptrace", 0x4206, Number(pid), 0, 0)}`;

import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { pid }, call }: Hands): string =>
  `open: ${call("syscall", 438, call("syscall", 434, Number(pid), 0), 1, 0)}`;

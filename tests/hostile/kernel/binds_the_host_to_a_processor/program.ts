import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { pid }, call }: Hands): string =>
  `open: ${call("sched_setaffinity", Number(pid), 128, new Uint8Array(128).fill(255))}`;

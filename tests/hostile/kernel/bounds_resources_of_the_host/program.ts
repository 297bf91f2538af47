import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { pid }, call }: Hands): string => {
  const limit = new Uint8Array(16);
  call("prlimit", Number(pid), 4, 0, limit);
  return `open: ${call("prlimit", Number(pid), 4, limit, 0)}`;
};

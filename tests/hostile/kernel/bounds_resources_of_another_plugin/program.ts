import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { neighbour }, call }: Hands): string => {
  const limit = new Uint8Array(16);
  call("prlimit", Number(neighbour), 4, 0, limit);
  return `open: ${call("prlimit", Number(neighbour), 4, limit, 0)}`;
};

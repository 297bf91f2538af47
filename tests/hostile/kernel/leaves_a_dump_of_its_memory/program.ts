import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ call }: Hands): string => {
  const limit = new Uint8Array(16).fill(1);
  call("getrlimit", 4, limit);
  if (limit.every((byte) => byte === 0)) return "closed: none is written";
  return "open: one may be written";
};

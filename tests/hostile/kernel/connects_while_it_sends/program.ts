import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { port }, call, loopback }: Hands): string => {
  const socket = call("socket", 2, 1, 0);
  return `open: ${call("sendto", socket, "x", 1, 0x2000_4000, loopback(Number(port)), 16)}`;
};

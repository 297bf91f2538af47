import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { datagrams }, call, loopback }: Hands): string => {
  const socket = call("socket", 2, 2, 0);
  return `open: ${call("sendto", socket, "x", 1, 0, loopback(Number(datagrams)), 16)}`;
};

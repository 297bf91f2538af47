import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { port }, call, loopback }: Hands): string => {
  const socket = call("socket", 2, 1, 262);
  return `open: ${call("connect", socket, loopback(Number(port)), 16)}`;
};

import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { abstract }, call }: Hands): string => {
  const socket = call("socket", 1, 1, 0);
  const address = new TextEncoder().encode(`\x01\0\0${abstract}`);
  return `open: ${call("connect", socket, address, address.length)}`;
};

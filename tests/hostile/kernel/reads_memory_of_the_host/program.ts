import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { pid }, call }: Hands): string => {
  const empty = new Uint8Array(16);
  return `open: ${call("process_vm_readv", Number(pid), empty, 1, empty, 1, 0)}`;
};

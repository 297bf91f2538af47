import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ call }: Hands): string => {
  const rights = new Uint8Array(24);
  call("capget", Uint8Array.of(0x22, 5, 8, 0x20, 0, 0, 0, 0), rights);
  const [effective] = new Uint32Array(rights.buffer);
  return (effective! & ~(1 << 1)) === 0 ? "closed: what it has is to read files" : `open: ${effective}`;
};

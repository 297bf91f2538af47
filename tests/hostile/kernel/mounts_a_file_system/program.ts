import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { own }, call }: Hands): string => {
  call("mount", "none", own!, "tmpfs", 0, 0);
  return `open: ${call("umount2", own!, 2)}`;
};

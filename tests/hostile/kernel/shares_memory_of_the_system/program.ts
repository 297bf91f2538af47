import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ call }: Hands): string => {
  const id = call("shmget", 0, 4_096, 0o1600);
  return `open: ${call("shmctl", id, 0, 0)}`;
};

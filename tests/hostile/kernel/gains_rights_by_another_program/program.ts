import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ call }: Hands): string => {
  if (call("prctl", 39, 0, 0, 0, 0) === 1) return "closed: programs of other users give no rights";
  return "open: su and sudo give rights";
};

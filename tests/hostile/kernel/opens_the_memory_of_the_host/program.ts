import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { pid } }: Hands): string => {
  Deno.openSync(`/proc/${pid}/mem`, { read: true, write: true }).close();
  return "open: its memory can be read and written";
};

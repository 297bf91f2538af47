import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { outside } }: Hands): string => {
  Deno.chdir(outside!);
  return `open: ${Deno.readTextFileSync("/proc/self/cwd/secret.txt")}`;
};

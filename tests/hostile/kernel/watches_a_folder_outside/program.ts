import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { outside } }: Hands): string => {
  Deno.watchFs(outside!).close();
  return "open: it is told which files change";
};

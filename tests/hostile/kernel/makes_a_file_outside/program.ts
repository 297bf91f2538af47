import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { outside } }: Hands): string => {
  const note = `${outside}/note`;
  Deno.writeTextFileSync(note, "hostile");
  Deno.removeSync(note);
  return "open: wrote";
};

import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { data } }: Hands): string => {
  const file = `${data}/bootstrap/note`;
  Deno.writeTextFileSync(file, "hostile");
  Deno.removeSync(file);
  return "open: wrote beside it";
};

import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ call }: Hands): string => {
  const name = Deno.hostname();
  return `open: ${call("sethostname", name, name.length)}`;
};

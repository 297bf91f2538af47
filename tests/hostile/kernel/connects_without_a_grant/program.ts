import type { Hands } from "../../runners/program/run.ts";

export const attack = async ({ facts: { port } }: Hands): Promise<string> => {
  (await Deno.connect({ port: Number(port) })).close();
  return "open: connected";
};

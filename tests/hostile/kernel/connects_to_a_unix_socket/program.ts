import type { Hands } from "../../runners/program/run.ts";

export const attack = async ({ facts: { socket } }: Hands): Promise<string> => {
  (await Deno.connect({ transport: "unix", path: socket! })).close();
  return "open: connected";
};

import type { Hands } from "../../runners/program/run.ts";

export const attack = async ({ facts: { data } }: Hands): Promise<string> => {
  const path = `${data}/control.sock`;
  const key = await Deno.readTextFile(`${path}.key`);
  (await Deno.connect({ transport: "unix", path })).close();
  return `open: it can be steered with ${key.length} characters`;
};

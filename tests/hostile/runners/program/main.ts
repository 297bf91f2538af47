import type { PluginContext } from "@cordon/cordon/sdk";

const FLAGS = ["run", "--quiet", "--allow-all", "--no-config", "--no-lock", "--no-remote", "--no-check"];

/** Runs `program.ts` beside it in a granted Deno that checks nothing: only the kernel holds it. */
export const activate = (ctx: PluginContext): unknown => ({
  async attack(facts: Record<string, string>) {
    const { pathname } = new URL("./run.ts", import.meta.url);
    const { code, stdout, stderr } = await new Deno.Command(facts.deno!, {
      args: [...FLAGS, pathname, JSON.stringify({ ...facts, own: ctx.data })],
      stdin: "null",
    }).output();
    const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
    return said === "" ? `closed: ended with ${code}: ${complained}` : said;
  },
});

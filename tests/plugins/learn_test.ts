import { assertEquals } from "@std/assert";
import { openHost, type PluginHost } from "@cordon/cordon";
import { Learning } from "../../src/lifecycle/consent/learning.ts";

const PLUGINS = new URL("../../plugins", import.meta.url).pathname;

/** What makes each of the sample plugins do all that it does. */
const EXERCISES: Readonly<Record<string, (host: PluginHost) => Promise<unknown>>> = {
  "cordon.files": (host) => host.call("files", "read", ["index.md"]),
  "cordon.links": (host) => host.call("links", "broken"),
  "cordon.markdown": (host) => host.call("markdown", "render", ["# Title"]),
  "cordon.search": (host) => host.call("search", "query", ["sandbox"]),
  "cordon.site": (host) => host.call("site", "build", [{ all: true }]),
  "cordon.web": async (host) => {
    const address = await host.call("web", "address") as string;
    const page = await fetch(address);
    assertEquals([page.status, (await page.text()).includes("Sandbox")], [200, true]);
  },
};

for (const [id, exercise] of Object.entries(EXERCISES)) {
  Deno.test({
    name: `Learning proposes exactly its manifest for ${id}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-learn-" }));
      try {
        await Deno.mkdir(`${dir}/input`);
        await Deno.writeTextFile(`${dir}/input/index.md`, "# Sandbox\n\nSee [more](more.md).\n");
        await Deno.writeTextFile(`${dir}/input/more.md`, "# More\n");
        const learning = new Learning({ id, ceiling: undefined });
        {
          await using host = await openHost({
            plugins: [PLUGINS],
            data: `${dir}/data`,
            vars: { input: `${dir}/input`, output: `${dir}/site`, port: String(freePort()) },
            grant: "requested",
            learning,
          });
          await host.startPlugin(id);
          await exercise(host);
          await learning.settle();
        }
        const { kept, added, unused, impossible, isExact } = learning.propose()!;
        assertEquals({ added, unused, impossible }, { added: [], unused: [], impossible: [] });
        assertEquals([isExact, kept.every(({ rule, checks }) => rule === "declared" && checks > 0)], [
          true,
          true,
        ]);
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    },
  });
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

import { assertEquals } from "@std/assert";
import { readCatalogue } from "../../src/lifecycle/catalogue.ts";
import { type HostParts, openHostParts } from "../../src/lifecycle/host_parts.ts";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";

const CODE = "export const activate = () => ({});";

async function openParts(dir: string): Promise<{ parts: HostParts } & AsyncDisposable> {
  const parts = await openHostParts({ plugins: [`${dir}/plugins`], data: `${dir}/data`, grant: "requested" });
  return {
    parts,
    async [Symbol.asyncDispose]() {
      await parts.sandboxes[Symbol.asyncDispose]();
      await parts.limits[Symbol.asyncDispose]();
      parts.registry[Symbol.dispose]();
      await parts.folders[Symbol.asyncDispose]();
    },
  };
}

Deno.test("Resolution takes plugins up that are added, and blocks those that relied on one that is removed", async () => {
  await using folder = await writePlugin({
    "plugins/user/plugin.toml": manifestText("test.user", '[requires]\n"test.base" = "^1"\n'),
    "plugins/user/main.ts": CODE,
    "later/plugin.toml": manifestText("test.base"),
    "later/main.ts": CODE,
  });
  await using site = await openParts(folder.dir);
  const { table, resolution, registry, folders } = site.parts;
  const user = table.require("test.user");
  assertEquals([user.state, user.detail.reason], ["blocked", "dependency"]);

  const [found] = await readCatalogue([`${folder.dir}/later`], { registry, workDir: folders.work });
  const base = table.add(found!);
  resolution.take([base]);
  assertEquals(base.state, "discovered");
  assertEquals(resolution.resolve().sort(), ["test.base", "test.user"]);
  assertEquals([user.state, base.state], ["ready", "ready"]);
  assertEquals(user.places.executableDirs?.includes(base.found.dir), false);
  resolution.take([user]);
  assertEquals(
    user.places.executableDirs?.includes(base.found.dir),
    true,
    "what it may touch is judged anew",
  );

  table.remove(base);
  assertEquals(resolution.resolve(), []);
  assertEquals([user.state, user.detail.reason], ["blocked", "dependency"]);
  assertEquals([...resolution.graph.edges].length, 0);
});

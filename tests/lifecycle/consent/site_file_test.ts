import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError, openHost, readSiteFile, type SiteOptions } from "@cordon/cordon";
import { NO_PERMISSIONS } from "../../../src/permissions/permission_set.ts";
import { manifestText, writePlugin } from "../../fixtures/start_host.ts";

async function read(text: string): Promise<SiteOptions & { dir: string }> {
  await using folder = await writePlugin({ "cordon.toml": text });
  return { ...await readSiteFile(`${folder.dir}/cordon.toml`), dir: folder.dir };
}

Deno.test("readSiteFile() returns what a host is opened with, folders relative to the file", async () => {
  const { dir, ...site } = await read(`schema = 1
plugins = ["plugins", "/opt/plugins"]
data = "../state"
[vars]
maps = "./maps"
name = "maps"
[providers]
geocode = "acme.geo"
[policy]
max_exposure = 6.9
require_tier = "os"
allow_run = false
allow_ffi = false
allow_worker = true
require_limits = ["memory"]
cpu_excess = "stop"
supervise = ["acme.weather"]
[policy.ceiling]
net = ["API.test:443"]
read = ["maps", "$PLUGIN", "$DATA/x"]
[limits]
memory = "64MiB"
cpu = "50%"
storage = "1GB"
`);
  assertEquals(site, {
    plugins: [`${dir}/plugins`, "/opt/plugins"],
    data: `${dir.slice(0, dir.lastIndexOf("/"))}/state`,
    vars: { maps: `${dir}/maps`, name: "maps" },
    providers: { geocode: "acme.geo" },
    policy: {
      maxExposure: 6.9,
      requireTier: "os",
      allowRun: false,
      allowFfi: false,
      allowWorker: true,
      requireLimits: ["memory"],
      cpuExcess: "stop",
      supervise: ["acme.weather"],
      ceiling: { ...NO_PERMISSIONS, net: ["api.test:443"], read: ["$DATA/x", "$PLUGIN", `${dir}/maps`] },
    },
    limits: { memoryBytes: 64 * 2 ** 20, cpuShare: 0.5, storageBytes: 1e9 },
  });
});

Deno.test("readSiteFile() of a file without decisions returns none", async () => {
  const { dir: _, ...site } = await read("schema = 1\n");
  assertEquals(site, {});
});

Deno.test("readSiteFile() tells every problem at once, each with its line", async () => {
  const error = await assertRejects(
    () =>
      read(`schema = 2
plugins = []
[policy]
max_exposure = 11
alow_run = true
cpu_excess = "ignore"
[policy.ceiling]
net = ["a.test"]
read = ["\${maps}"]
import = ["https://a.test"]
[limits]
memory = "much"
`),
    CordonError,
  );
  assertEquals(error.code, "invalid_site");
  for (
    const part of [
      "cordon.toml:1: schema: ",
      ":2: plugins: ",
      ":4: policy.max_exposure: ",
      ":5: policy.alow_run: ",
      ":6: policy.cpu_excess: ",
      ":8: policy.ceiling.net[0]: ",
      ":9: policy.ceiling.read[0]: ",
      ":10: policy.ceiling.import: ",
      ":12: limits.memory: ",
    ]
  ) assertStringIncludes(error.message, part);
  assertEquals((error.facts.problems as unknown[]).length, 9);
});

Deno.test("readSiteFile() says what is no site file", async () => {
  assertEquals(
    (await assertRejects(() => readSiteFile("/no/such/cordon.toml"), CordonError)).code,
    "not_found",
  );
  const error = await assertRejects(() => read("schema = 1\n[[policy"), CordonError);
  assertStringIncludes(error.message, "is not TOML");
});

Deno.test("Limits of a site hold where a manifest names none", async () => {
  await using folder = await writePlugin({
    "plugins/a/plugin.toml": manifestText("acme.bare"),
    "plugins/a/main.ts": "export const activate = () => ({});",
    "plugins/b/plugin.toml": manifestText("acme.modest", '[limits]\nmemory = "80MiB"\n'),
    "plugins/b/main.ts": "export const activate = () => ({});",
  });
  await using host = await openHost({
    plugins: [`${folder.dir}/plugins`],
    data: `${folder.dir}/data`,
    limits: { memoryBytes: 96 * 2 ** 20, cpuShare: 0.5 },
  });
  const allowed = (id: string, name: string) =>
    host.info(id).limits.find(({ limit }) => limit === name)?.allowed;
  assertEquals([allowed("acme.bare", "memory"), allowed("acme.bare", "cpu")], [96 * 2 ** 20, 50]);
  assertEquals([allowed("acme.modest", "memory"), allowed("acme.modest", "cpu")], [80 * 2 ** 20, 50]);
});

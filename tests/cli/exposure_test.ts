import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fixture, manifestText, writePlugin } from "../fixtures/start_host.ts";
import { runCordon as runOnAnyTier } from "./run_cordon.ts";

/** The tier is part of the score, and not every machine offers the same. */
const runCordon = (command: string, ...args: string[]) =>
  runOnAnyTier(command, "--config", fixture("tier_deno.toml"), ...args);

const READS_AND_SENDS = `
[[permissions.net]]
hosts = ["api.weather.test:443"]
reason = "download forecasts"
[[permissions.read]]
paths = ["\${maps}"]
optional = true
`;
const READS_EVERYTHING = '[[permissions.read]]\npaths = ["/"]\n';
const MAIN = "export function activate() {}";

function writeWeather() {
  return writePlugin({ "plugin.toml": manifestText("acme.weather", READS_AND_SENDS), "main.ts": MAIN });
}

Deno.test("cordon exposure scores plugins as if everything they ask for were granted", async () => {
  await using weather = await writeWeather();
  const run = await runCordon("exposure", "--dir", weather.dir, "--dir", fixture("greeter"), "--json");
  assertEquals(run.code, 0);
  const [theirs, greeter] = run.json.plugins;
  assertEquals([theirs.id, theirs.score, theirs.level], ["acme.weather", 5.3, "medium"]);
  assertEquals(greeter.score, 0.8);
  assertEquals(theirs.reasons[0], {
    rule: "net-public",
    points: 2,
    text: 'reaches "api.weather.test:443" on the internet',
  });
  const sum = theirs.reasons.reduce((total: number, { points }: { points: number }) => total + points, 0);
  assertEquals(Math.round(sum * 10) / 10, theirs.score);
});

Deno.test("cordon exposure shows each reason on a line, and which variables have no value", async () => {
  await using weather = await writeWeather();
  const run = await runCordon("exposure", "acme.weather", "--dir", weather.dir, "--dir", fixture("greeter"));
  assertEquals(run.code, 0);
  assertMatch(run.stdout, /^acme\.weather +5\.3 medium +2\.0 +net-public +reaches "api\.weather\.test:443"/m);
  assertMatch(run.stdout, /^ +1\.5 +exfiltrate-data +can send what is in /m);
  assert(!run.stdout.includes("fixture.greeter"));
  assertStringIncludes(run.stderr, "--var maps=…");
  const unknown = await runCordon("exposure", "acme.nobody", "--dir", weather.dir);
  assertEquals(unknown.code, 3);
});

Deno.test("cordon exposure --max lets pass what stays below, and names what exceeds it", async () => {
  await using weather = await writeWeather();
  const dirs = ["--dir", weather.dir, "--dir", fixture("greeter")];
  const [passes, fails] = await Promise.all([
    runCordon("exposure", "--max", "5.3", ...dirs),
    runCordon("exposure", "--max", "5.2", "--json", ...dirs),
  ]);
  assertEquals([passes.code, fails.code], [0, 5]);
  assertEquals([fails.json.max, fails.json.exceeded], [5.2, ["acme.weather"]]);
  assertStringIncludes(fails.stderr, '"acme.weather" has an exposure of 5.3, and at most 5.2 is allowed');
});

Deno.test("cordon exposure scores what may never start, and its gate stays shut for what cannot be read", async () => {
  await using greedy = await writePlugin({
    "plugin.toml": manifestText("acme.greedy", READS_EVERYTHING),
    "main.ts": MAIN,
  });
  await using broken = await writePlugin({ "plugin.toml": "schema = 2", "main.ts": MAIN });
  await using empty = await writePlugin({ "readme.txt": "nothing here" });
  const scored = await runCordon("exposure", "--dir", greedy.dir, "--json");
  assertEquals([scored.json.plugins[0].score, scored.json.plugins[0].level], [8.8, "high"]);
  const [shown, gate, nothing] = await Promise.all([
    runCordon("exposure", "--dir", broken.dir, "--json"),
    runCordon("exposure", "--dir", broken.dir, "--max", "10"),
    runCordon("exposure", "--dir", empty.dir, "--max", "10"),
  ]);
  assertEquals([shown.code, shown.json.plugins[0].score], [0, null]);
  assertEquals([gate.code, nothing.code], [3, 3]);
  assertStringIncludes(gate.stderr, "its manifest cannot be used");
});

Deno.test("cordon exposure ends with 2 when --max is no score", async () => {
  for (const max of ["11", "-1", "high"]) {
    const run = await runCordon("exposure", `--max=${max}`, "--dir", fixture("greeter"));
    assertEquals(run.code, 2, run.stderr);
  }
});

Deno.test("cordon list and check tell the exposure", async () => {
  await using weather = await writeWeather();
  const dirs = ["--dir", weather.dir, "--dir", fixture("greeter")];
  const [listed, granted, checked, text] = await Promise.all([
    runCordon("list", "--json", ...dirs),
    runCordon("list", "--json", "--grant", "requested", ...dirs),
    runCordon("check", "--json", weather.dir),
    runCordon("list", ...dirs),
  ]);
  const exposures = ({ json }: typeof listed) =>
    json.plugins.map(({ exposure }: { exposure?: number }) => exposure);
  assertEquals(exposures(listed), [undefined, 0.8]);
  assertEquals(exposures(granted), [3.1, 0.8]);
  assertEquals(exposures(checked), [5.3]);
  assertMatch(text.stdout, /^PLUGIN +VERSION +STATE +TIER +EXPOSURE +MAY REACH$/m);
  assertMatch(text.stdout, /^fixture\.greeter .* 0\.8 low +its own folder$/m);
});

Deno.test("cordon permissions shows what is asked for, what is in force, and why the rest is not", async () => {
  await using weather = await writeWeather();
  const run = await runCordon(
    "permissions",
    "acme.weather",
    "--dir",
    weather.dir,
    "--grant",
    "requested",
    "--json",
  );
  assertEquals(run.code, 0);
  const { json } = run;
  assertEquals(
    json.requests.map(({ text, reason, optional, outcome }: Record<string, unknown>) => [
      text,
      reason,
      optional,
      outcome,
    ]),
    [
      ["api.weather.test:443", "download forecasts", false, "allowed"],
      ["${maps}", undefined, true, "no_value"],
    ],
  );
  assertEquals(json.granted, [{ kind: "net", value: "api.weather.test:443" }]);
  assertEquals(json.effective, json.granted);
  assertEquals(json.withheld.map(({ text, because }: Record<string, unknown>) => [text, because]), [
    ["${maps}", 'variable "maps" has no value'],
  ]);
  assertEquals(json.variables, [{ name: "maps" }]);
  assertEquals(json.exposure, { effective: 3.1, requested: 5.3 });
});

Deno.test("cordon permissions tells in words what waits for consent or a variable", async () => {
  await using weather = await writeWeather();
  const run = await runCordon("permissions", "acme.weather", "--dir", weather.dir, "--var", "maps=/srv/maps");
  assertEquals(run.code, 0);
  assertMatch(run.stdout, /^acme\.weather 1\.0\.0 is blocked \(consent\)$/m);
  assertMatch(run.stdout, /^net api\.weather\.test:443 +no: nobody granted it +download forecasts$/m);
  assertMatch(run.stdout, /^read \$\{maps\} +optional +\/srv\/maps +no: nobody granted it +-$/m);
  assertStringIncludes(run.stdout, 'variable maps: "/srv/maps"');
  assertMatch(run.stdout, /exposure: none, it may not start; with everything granted 5\.3 medium/);
  const greeter = await runCordon("permissions", "fixture.greeter", "--dir", fixture("greeter"));
  assertStringIncludes(greeter.stdout, "It asks for nothing");
});

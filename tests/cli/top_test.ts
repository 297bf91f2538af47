import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { LocalControl } from "../../src/control/local_control.ts";
import { controlPath, ControlServer } from "../../src/control/server.ts";
import { fixture, openFixtures } from "../fixtures/start_host.ts";
import { createCordon, runCordon } from "./run_cordon.ts";

Deno.test("cordon top ends with 6 and says what to do when no host runs", async () => {
  const run = await runCordon("top", "--json");
  assertEquals([run.code, run.json.error.code], [6, "not_running"]);
  assertStringIncludes(run.json.error.hint, "cordon run");
});

Deno.test("cordon top shows the plugins of the running host", async (test) => {
  await using opened = await openFixtures([], { plugins: [fixture("greeter"), fixture("polite")] });
  const { host } = opened;
  await using _server = new ControlServer(controlPath(host.dataDir), new LocalControl(host));
  await host.start();
  for (let count = 0; count < 20; count++) await host.call("greet", "hello", ["Ada"]);
  const top = (...args: string[]) => runCordon("top", "--interval", "100ms", "--data", opened.data, ...args);

  await test.step("in a pipe as one table", async () => {
    const { code, stdout } = await top();
    assertEquals(code, 0);
    const [heading, first, second, ...rest] = stdout.trimEnd().split("\n");
    assertMatch(heading!, /^PLUGIN +STATE +CALLS\/S +P50 +P99 +IN FLIGHT +ERRORS +EVENTS\/S +MEMORY +CPU$/);
    assertMatch(first!, /^fixture\.greeter +running +0 .* [\d.]+ (µs|ms) /);
    assertMatch(second!, /^fixture\.polite +running /);
    assertEquals(rest, []);
  });

  await test.step("with --json and --once as one document, of the plugins named", async () => {
    const { code, json } = await top("--json", "--once", "fixture.greeter");
    assertEquals([code, json.plugins.length, json.plugins[0].id], [0, 1, "fixture.greeter"]);
    assertEquals([json.plugins[0].calls.total, json.plugins[0].callsPerSec], [20, 0]);
    assert(json.intervalMs >= 99 && !Number.isNaN(Date.parse(json.time)));
  });

  await test.step("with --json as a document a line, until it is interrupted", async () => {
    const args = ["top", "--json", "--interval", "100ms", "--data", opened.data];
    await using child = createCordon(args, opened.data).spawn();
    const lines: string[] = [];
    let text = "";
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (lines.length < 3 && text.split("\n").length > 3) {
        lines.push(...text.split("\n").slice(0, 3));
        child.kill("SIGINT");
      }
    }
    assertEquals((await child.status).code, 130);
    assertEquals(lines.map((line) => JSON.parse(line).plugins.length), [2, 2, 2]);
    await child.stderr.cancel();
  });

  await test.step("and refuses what it cannot do", async () => {
    const codes = [];
    for (
      const args of [["--sort", "beauty"], ["--interval", "1ms"], ["--interval", "soon"], ["no.body"]]
    ) {
      const run = await top("--json", ...args);
      codes.push([run.code, run.json.error.code]);
    }
    assertEquals(codes, [[2, "usage"], [2, "usage"], [2, "usage"], [3, "not_found"]]);
  });
});

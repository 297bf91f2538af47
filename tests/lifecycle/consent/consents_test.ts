import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError, type HostOptions, openHost, type PluginHost } from "@cordon/cordon";
import { manifestText, writePlugin } from "../../fixtures/start_host.ts";

const MAIN = `export function activate() {
  const ask = async (query) => (await Deno.permissions.query(query)).state === "granted";
  return {
    pid: () => Deno.pid,
    reads: (path) => ask({ name: "read", path }),
    reaches: (host) => ask({ name: "net", host }),
  };
}
`;

const ASKS = `[[permissions.read]]
paths = ["/srv/maps"]
reason = "draw maps"
[[permissions.net]]
hosts = ["api.test:443"]
optional = true
`;

const USES = `[requires]\n"acme.weather" = "^1"\n`;

/** A site: its plugins, and hosts on the one data folder, each after the other. */
async function makeSite(
  files: Readonly<Record<string, string>> = {
    "w/plugin.toml": manifestText("acme.weather", ASKS),
    "w/main.ts": MAIN,
  },
): Promise<{ dir: string; open: (more?: Partial<HostOptions>) => Promise<PluginHost> } & AsyncDisposable> {
  const folder = await writePlugin(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`plugins/${name}`, text])),
  );
  return {
    dir: folder.dir,
    open: (more) => openHost({ plugins: [`${folder.dir}/plugins`], data: `${folder.dir}/data`, ...more }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

function stateOf(host: PluginHost, id = "acme.weather"): string {
  const { state, reason } = host.info(id);
  return reason === undefined ? state : `${state} (${reason})`;
}

function eventsOf(host: PluginHost, type: string): Readonly<Record<string, unknown>>[] {
  return host.journal.list().filter((event) => event.type === type).map(({ facts }) => facts);
}

Deno.test("Without consent a plugin is blocked; a grant starts it on a host that runs, and holds over a restart", async () => {
  await using site = await makeSite();
  {
    await using host = await site.open();
    await host.start();
    assertEquals(stateOf(host), "blocked (consent)");
    assertStringIncludes(host.info("acme.weather").message!, 'nobody granted it read "/srv/maps"');
    assertStringIncludes(host.info("acme.weather").hint!, "cordon grant acme.weather");
    await host.consents.grant("acme.weather");
    assertEquals(stateOf(host), "running");
    assertEquals(await host.call("acme.weather", "reads", ["/srv/maps"]), true);
    assertEquals(await host.call("acme.weather", "reaches", ["api.test:443"]), false);
    const [granted] = eventsOf(host, "consent.granted");
    assertEquals([granted!.version, granted!.values], ["1.0.0", [{ kind: "read", value: "/srv/maps" }]]);
  }
  await using host = await site.open();
  assertEquals(stateOf(host), "ready");
  const { consent } = host.info("acme.weather");
  assertEquals(consent?.grantedVersion, "1.0.0");
  assertEquals(consent?.diff, {
    widened: [{ kind: "net", value: "api.test:443" }],
    narrowed: [],
    unchanged: [{ kind: "read", value: "/srv/maps" }],
  });
  // On a host that was not started nothing starts by a decision.
  await host.consents.grant("acme.weather", { scope: "all" });
  assertEquals(stateOf(host), "ready");
});

Deno.test("Consent for own folders holds when the data folder moves, and for a variable only while it leads there", async () => {
  const asks = '[[permissions.write]]\npaths = ["$DATA"]\n[[permissions.read]]\npaths = ["${maps}"]\n';
  await using site = await makeSite({
    "w/plugin.toml": manifestText("acme.weather", asks),
    "w/main.ts": MAIN,
  });
  {
    await using host = await site.open({ vars: { maps: "/srv/maps" } });
    await host.consents.grant("acme.weather");
  }
  await Deno.rename(`${site.dir}/data`, `${site.dir}/moved`);
  {
    await using host = await site.open({ data: `${site.dir}/moved`, vars: { maps: "/srv/maps" } });
    assertEquals(stateOf(host), "ready");
  }
  await using host = await site.open({ data: `${site.dir}/moved`, vars: { maps: "/etc" } });
  assertEquals(stateOf(host), "blocked (consent)");
  assertStringIncludes(host.info("acme.weather").message!, 'read "/etc"');
});

Deno.test("Consent holds for a folder by the name it had: a link that leads elsewhere now voids it", async () => {
  await using site = await makeSite({ "w/main.ts": MAIN });
  await Deno.mkdir(`${site.dir}/maps`);
  await Deno.mkdir(`${site.dir}/other`);
  await Deno.writeTextFile(
    `${site.dir}/plugins/w/plugin.toml`,
    manifestText("acme.weather", `[[permissions.read]]\npaths = ["${site.dir}/maps"]\n`),
  );
  {
    await using host = await site.open();
    await host.consents.grant("acme.weather");
    assertEquals(stateOf(host), "ready");
  }
  await Deno.remove(`${site.dir}/maps`);
  await Deno.symlink(`${site.dir}/other`, `${site.dir}/maps`);
  await using host = await site.open();
  assertEquals(stateOf(host), "blocked (consent)");
});

Deno.test("Consents.revoke() restarts a running plugin with what is left, and those that need it", async () => {
  await using site = await makeSite({
    "w/plugin.toml": manifestText("acme.weather", ASKS),
    "w/main.ts": MAIN,
    "c/plugin.toml": manifestText("acme.cards", USES),
    "c/main.ts": MAIN,
  });
  await using host = await site.open();
  await host.start();
  assertEquals(stateOf(host, "acme.cards"), "blocked (dependency)");
  await host.consents.grant("acme.weather", { scope: "all" });
  assertEquals([stateOf(host), stateOf(host, "acme.cards")], ["running", "running"]);
  const before = [await host.call("acme.weather", "pid"), await host.call("acme.cards", "pid")];
  assertEquals(await host.call("acme.weather", "reaches", ["api.test:443"]), true);

  await host.consents.revoke("acme.weather", { only: ["net:api.test:443"] });
  assertEquals([stateOf(host), stateOf(host, "acme.cards")], ["running", "running"]);
  assertEquals(await host.call("acme.weather", "reaches", ["api.test:443"]), false);
  assert(before[0] !== await host.call("acme.weather", "pid"));
  assert(before[1] !== await host.call("acme.cards", "pid"));
  assertEquals(eventsOf(host, "consent.revoked")[0]!.values, [{ kind: "net", value: "api.test:443" }]);

  await host.consents.revoke("acme.weather");
  assertEquals([stateOf(host), stateOf(host, "acme.cards")], ["blocked (consent)", "blocked (dependency)"]);
  assertEquals(host.info("acme.weather").pid, undefined);
  const error = await assertRejects(() => host.call("acme.cards", "pid"), CordonError);
  assertEquals(error.code, "dependency");

  await host.consents.grant("acme.weather");
  assertEquals([stateOf(host), stateOf(host, "acme.cards")], ["running", "running"]);
});

Deno.test("Consents.grant() of what changes nothing leaves a running plugin alone", async () => {
  await using site = await makeSite();
  await using host = await site.open();
  await host.start();
  await host.consents.grant("acme.weather");
  const pid = await host.call("acme.weather", "pid");
  await host.consents.grant("acme.weather", { scope: "required" });
  assertEquals(await host.call("acme.weather", "pid"), pid);
});

Deno.test("Consents.refuse() keeps the answer for this version; a grant takes it back", async () => {
  await using site = await makeSite();
  {
    await using host = await site.open();
    await host.consents.refuse("acme.weather");
    assertStringIncludes(host.info("acme.weather").message!, "1.0.0 was refused on ");
    assertEquals(eventsOf(host, "consent.refused")[0]!.version, "1.0.0");
  }
  await using host = await site.open();
  assertEquals(stateOf(host), "blocked (consent)");
  assert(host.info("acme.weather").consent?.refused !== undefined);
  await host.consents.grant("acme.weather");
  assertEquals(stateOf(host), "ready");
  await host.consents.revoke("acme.weather", { never: true });
  assertStringIncludes(host.info("acme.weather").message!, "was refused");
  assertEquals(host.info("acme.weather").consent?.grantedVersion, undefined);
});

Deno.test("A version that asks for more waits for consent after a restart, and says what for", async () => {
  await using site = await makeSite();
  {
    await using host = await site.open();
    await host.consents.grant("acme.weather");
  }
  const next = manifestText("acme.weather", `${ASKS}[[permissions.env]]\nnames = ["HOME"]\n`);
  await Deno.writeTextFile(`${site.dir}/plugins/w/plugin.toml`, next.replace("1.0.0", "1.1.0"));
  await using host = await site.open();
  assertEquals(stateOf(host), "blocked (consent)");
  assertStringIncludes(
    host.info("acme.weather").message!,
    '1.1.0 asks for more than was granted to 1.0.0: env "HOME"',
  );
});

Deno.test("Consents say what cannot be decided, and decide nothing then", async (test) => {
  await using site = await makeSite({
    "w/plugin.toml": manifestText("acme.weather", '[[permissions.read]]\npaths = ["${maps}"]\n'),
    "w/main.ts": MAIN,
    "b/plugin.toml": "nonsense",
  });
  await using host = await site.open();
  const { consents } = host;
  const cases: [string, () => Promise<void>, string, string][] = [
    ["an unknown plugin", () => consents.grant("no.body"), "not_found", "no.body"],
    ["a broken one", () => consents.grant("b"), "invalid_plugin", "Cannot use"],
    ["a variable without value", () => consents.grant("acme.weather"), "invalid_input", '"maps"'],
    [
      "what is not asked for",
      () => consents.grant("acme.weather", { only: ["net:a.test:1"] }),
      "invalid_input",
      "does not ask for it",
    ],
    ["nothing to take back", () => consents.revoke("acme.weather"), "invalid_input", "nothing was granted"],
    ["nobody to take back from", () => consents.revoke("no.body"), "not_found", "no.body"],
  ];
  for (const [name, decide, code, message] of cases) {
    await test.step(name, async () => {
      const error = await assertRejects(decide, CordonError);
      assertEquals(error.code, code);
      assertStringIncludes(error.message, message);
    });
  }
  await assertRejects(() => Deno.stat(`${site.dir}/data/grants.toml`), Deno.errors.NotFound);
});

Deno.test("A host that grants whatever is asked for takes no decisions", async () => {
  await using site = await makeSite();
  await using host = await site.open({ grant: "requested" });
  for (const decide of [host.consents.grant("acme.weather"), host.consents.revoke("acme.weather")]) {
    assertEquals((await assertRejects(() => decide, CordonError)).code, "policy");
  }
});

Deno.test("What was granted to a plugin that has gone is kept, and can be taken back", async () => {
  await using site = await makeSite();
  {
    await using host = await site.open();
    await host.consents.grant("acme.weather");
  }
  await Deno.rename(`${site.dir}/plugins/w`, `${site.dir}/away`);
  {
    await using host = await site.open();
    assertEquals(host.list(), []);
    assertStringIncludes(await Deno.readTextFile(`${site.dir}/data/grants.toml`), "acme.weather");
    await host.consents.revoke("acme.weather");
  }
  await Deno.rename(`${site.dir}/away`, `${site.dir}/plugins/w`);
  await using host = await site.open();
  assertEquals(stateOf(host), "blocked (consent)");
});

Deno.test("Policy bounds what consent can give: exposure, programs, native code, the ceiling", async (test) => {
  await using site = await makeSite({
    "w/plugin.toml": manifestText("acme.weather", '[[permissions.run]]\nprograms = ["/bin/true"]\n'),
    "w/main.ts": MAIN,
  });
  await test.step("allow_run", async () => {
    await using host = await site.open({ grant: "requested", policy: { allowRun: false } });
    assertEquals(stateOf(host), "blocked (policy)");
    assertStringIncludes(host.info("acme.weather").message!, 'policy forbids run "');
  });
  await test.step("max_exposure", async () => {
    await using host = await site.open({ policy: { maxExposure: 6.9 } });
    assertEquals(stateOf(host), "blocked (policy)");
    assertStringIncludes(host.info("acme.weather").message!, "its exposure would be 10");
    assertStringIncludes(host.info("acme.weather").message!, "starts ");
  });
  await test.step("a ceiling with each plugin's own folders", async () => {
    await Deno.writeTextFile(
      `${site.dir}/plugins/w/plugin.toml`,
      manifestText("acme.weather", '[[permissions.write]]\npaths = ["$DATA/x"]\n'),
    );
    const { NO_PERMISSIONS } = await import("../../../src/permissions/permission_set.ts");
    await using host = await site.open({
      grant: "requested",
      policy: { ceiling: { ...NO_PERMISSIONS, write: ["$DATA"] } },
    });
    assertEquals(stateOf(host), "ready");
  });
});

Deno.test("A plugin that nobody looked at has more exposure than one with the same consent", async () => {
  await using site = await makeSite();
  const score = async (options: Partial<HostOptions>, decide = false) => {
    await using host = await site.open(options);
    if (decide) await host.consents.grant("acme.weather", { scope: "all" });
    return host.info("acme.weather").exposure!;
  };
  const unseen = await score({ grant: "requested" });
  const seen = await score({}, true);
  assertEquals(Math.round((unseen - seen) * 10), 3);
});

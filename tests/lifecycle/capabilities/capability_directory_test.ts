import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { dirname } from "node:path";
import { CordonError, type HostOptions, openHost, type PluginHost } from "@cordon/cordon";
import type { CapabilityProvider } from "@cordon/cordon/sdk";
import { writePlugin } from "../../fixtures/start_host.ts";

/** A plugin's manifest and code, in a folder of its name. */
function plugin(id: string, more: string, main: string, version = "1.0.0"): Record<string, string> {
  const manifest = `schema = 1\n[plugin]\nid = "${id}"\nversion = "${version}"\nmain = "main.ts"\n${more}`;
  return { [`plugins/${id}/plugin.toml`]: manifest, [`plugins/${id}/main.ts`]: main };
}

/** Provides `geocode` in a version, and answers with its own name; ends when it is told to. */
function geo(id: string, version: string, more = ""): Record<string, string> {
  return plugin(
    id,
    `[provides]\ngeocode = { version = "${version}", methods = ["find"] }\n${more}[health]\nrestart = "never"\n`,
    `export const activate = () => ({ find: (n = 0) => "${id} " + n, die: () => Deno.exit(1) });`,
  );
}

/** Uses `geocode`, and tells what it saw of it. */
function app(id: string, use: string): Record<string, string> {
  return plugin(
    id,
    `[uses]\ngeocode = ${use}\n`,
    `export async function activate(ctx) {
      const geocode = await ctx.use("geocode");
      const seen = [];
      let wake = Promise.withResolvers();
      geocode.onChange(({ provider }) => {
        seen.push(provider ?? null);
        wake.resolve();
        wake = Promise.withResolvers();
      });
      return {
        state: () => [geocode.available, geocode.provider ?? null, Object.keys(geocode)],
        seen: async (count) => {
          while (seen.length < count) await wake.promise;
          return seen;
        },
        find: (n) => geocode.find(n),
        ask: (n) => ctx.call("geocode", "find", [n]),
      };
    }`,
  );
}

const OPTIONAL = '{ version = "^1", optional = true }';

/** A host on some plugins. */
async function openSite(
  files: readonly Record<string, string>[],
  options: Partial<HostOptions> = {},
): Promise<
  {
    host: PluginHost;
    /** Opens it again, with more plugins. */
    reopen: (more?: Record<string, string>) => Promise<PluginHost>;
  } & AsyncDisposable
> {
  const folder = await writePlugin(Object.assign({}, ...files));
  const open = () => openHost({ plugins: [`${folder.dir}/plugins`], data: `${folder.dir}/data`, ...options });
  let host = await open();
  return {
    get host() {
      return host;
    },
    async reopen(more = {}) {
      await host[Symbol.asyncDispose]();
      for (const [name, text] of Object.entries(more)) {
        await Deno.mkdir(dirname(`${folder.dir}/${name}`), { recursive: true });
        await Deno.writeTextFile(`${folder.dir}/${name}`, text);
      }
      return host = await open();
    },
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function one(host: PluginHost) {
  return host.capabilities.list().find(({ name }) => name === "geocode")!;
}

Deno.test("An optional capability appears, is replaced and disappears while its consumer runs", async () => {
  await using site = await openSite([
    app("acme.app", OPTIONAL),
    geo("acme.geo", "1.2.0"),
    geo("other.geo", "1.4.0"),
  ]);
  const { host } = site;
  const seen = (count: number) =>
    host.call("acme.app", "seen", [count]) as Promise<readonly (CapabilityProvider | null)[]>;
  // It is started with the one that it is bound to, which goes again.
  await host.startPlugin("acme.app");
  await host.stopPlugin("other.geo");
  const before = (await seen(0)).length;
  assertEquals(await host.call("acme.app", "state"), [false, null, ["find"]]);
  const gone = await assertRejects(() => host.call("acme.app", "find", [1]), CordonError);
  assertStrictEquals(gone.facts.remoteCode, "capability_unavailable");

  await host.startPlugin("acme.geo");
  assertEquals((await seen(before + 1)).slice(before), [{ id: "acme.geo", version: "1.2.0" }]);
  assertStrictEquals(await host.call("acme.app", "find", [1]), "acme.geo 1");
  await host.startPlugin("other.geo");
  assertEquals((await seen(before + 2)).at(-1), { id: "other.geo", version: "1.4.0" });
  assertStrictEquals(await host.call("acme.app", "find", [2]), "other.geo 2");
  // It crashes: what runs and fits takes over.
  await assertRejects(() => host.call("other.geo", "die"));
  assertEquals((await seen(before + 3)).at(-1), { id: "acme.geo", version: "1.2.0" });
  assertStrictEquals(await host.call("acme.app", "find", [3]), "acme.geo 3");
  assertEquals(one(host).consumers[0], {
    id: "acme.app",
    range: "^1",
    optional: true,
    state: "running",
    bound: "other.geo",
    served: "acme.geo",
  });
  await host.stopPlugin("acme.geo");
  assertEquals((await seen(before + 4)).at(-1), null);
  assertStrictEquals(host.info("acme.app").state, "running");
});

Deno.test("A capability that was never there has a handle without methods, which get there with the provider", async () => {
  await using site = await openSite([
    app("acme.app", OPTIONAL),
    geo("acme.geo", "1.2.0", '[run]\nactivate = ["on:event:never.happens"]\n'),
  ]);
  const { host } = site;
  await host.start();
  assertEquals(await host.call("acme.app", "state"), [false, null, []]);
  const gone = await assertRejects(() => host.call("acme.app", "ask", [1]), CordonError);
  assertStrictEquals(gone.facts.remoteCode, "capability_unavailable");
  assertStrictEquals(await host.call("geocode", "find", [1]), "acme.geo 1");
  assertEquals(await host.call("acme.app", "seen", [1]), [{ id: "acme.geo", version: "1.2.0" }]);
  assertEquals(await host.call("acme.app", "state"), [true, { id: "acme.geo", version: "1.2.0" }, ["find"]]);
  assertStrictEquals(await host.call("acme.app", "find", [2]), "acme.geo 2");
});

Deno.test("Two major versions of a capability serve their consumers side by side", async () => {
  await using site = await openSite([
    app("acme.old", '"^1"'),
    app("acme.new", '"^2"'),
    geo("a.geo", "2.1.0"),
    geo("b.geo", "1.9.0"),
  ]);
  const { host } = site;
  await host.start();
  assertEquals(await Promise.all(["acme.old", "acme.new"].map((id) => host.call(id, "find", [7]))), [
    "b.geo 7",
    "a.geo 7",
  ]);
  const { preferred, because, consumers } = one(host);
  assertEquals([preferred, because], ["a.geo", "version"]);
  assertEquals(consumers.map(({ id, bound, served }) => [id, bound, served]), [
    ["acme.new", "a.geo", "a.geo"],
    ["acme.old", "b.geo", "b.geo"],
  ]);
  assertStrictEquals(await host.call("geocode", "find", [8]), "a.geo 8");
  assertEquals(host.info("acme.old").bindings, { geocode: "b.geo" });
});

Deno.test("A choice switches a running consumer at once, is journalled, and holds when the host opens again", async () => {
  await using site = await openSite([
    app("acme.app", '"^1"'),
    geo("acme.geo", "1.2.0", '[run]\nactivate = ["on:event:never.happens"]\n'),
    geo("other.geo", "1.4.0"),
  ]);
  const { host } = site;
  await host.start();
  assertStrictEquals(await host.call("acme.app", "find", [1]), "other.geo 1");
  // It does not run yet, and is started before anybody is handed to it.
  const info = await host.capabilities.prefer("geocode", "acme.geo");
  assertEquals([info.preferred, info.because], ["acme.geo", "administrator"]);
  assertEquals(info.providers.map(({ id, state }) => [id, state]), [
    ["other.geo", "running"],
    ["acme.geo", "running"],
  ]);
  assertEquals(await host.call("acme.app", "seen", [1]), [{ id: "acme.geo", version: "1.2.0" }]);
  assertStrictEquals(await host.call("acme.app", "find", [2]), "acme.geo 2");
  assertStrictEquals(await host.call("geocode", "find", [3]), "acme.geo 3");
  // Nobody else stands in for the one that was chosen.
  await assertRejects(() => host.call("acme.geo", "die"));
  assertEquals((await host.call("acme.app", "seen", [2]) as unknown[]).at(-1), null);
  const gone = await assertRejects(() => host.call("acme.app", "find", [4]), CordonError);
  assertMatch(gone.message, /"acme.geo" was chosen to provide it, and does not run/);

  const again = await site.reopen();
  assertEquals([one(again).preferred, one(again).because], ["acme.geo", "administrator"]);
  await again.start();
  await again.startPlugin("acme.app");
  assertStrictEquals(await again.call("acme.app", "find", [5]), "acme.geo 5");
  const cleared = await again.capabilities.clear("geocode");
  assertEquals([cleared.preferred, cleared.because], ["other.geo", "version"]);
  assertStrictEquals(await again.call("acme.app", "find", [6]), "other.geo 6");
  await again.capabilities.clear("geocode");
  const events = again.journal.list().filter(({ type }) => type.startsWith("capability."));
  assertEquals(events.map(({ type, id, facts }) => [type, id, facts.capability]), [
    ["capability.preferred", "acme.geo", "geocode"],
    ["capability.released", undefined, "geocode"],
  ]);
});

Deno.test("A choice that would keep a plugin from starting is refused, and changes nothing", async () => {
  await using site = await openSite([
    app("acme.app", '"^1"'),
    app("acme.next", '"^2"'),
    geo("a.geo", "1.2.0"),
    geo("b.geo", "1.4.0"),
    geo("c.geo", "2.0.0"),
  ]);
  const { host } = site;
  await host.start();
  const refused: [capability: string, id: string, code: string, words: RegExp][] = [
    ["geocode", "c.geo", "dependency", /"acme.app" could not start any more/],
    ["geocode", "a.geo", "dependency", /"acme.next" could not start any more/],
    ["geocode", "acme.app", "not_found", /it does not provide that/],
    ["geocode", "no.body", "not_found", /it is not there/],
    ["maps", "a.geo", "not_found", /Cannot find the capability "maps"/],
  ];
  for (const [capability, id, code, words] of refused) {
    const error = await assertRejects(() => host.capabilities.prefer(capability, id), CordonError);
    assertStrictEquals(error.code, code);
    assertMatch(error.message, words);
  }
  await assertRejects(() => host.capabilities.clear("maps"), CordonError, "Cannot find");
  assertEquals(await Promise.all(["acme.app", "acme.next"].map((id) => host.call(id, "find", [1]))), [
    "b.geo 1",
    "c.geo 1",
  ]);
  assertEquals(host.journal.list().filter(({ type }) => type.startsWith("capability.")), []);
});

Deno.test("A plugin that an old choice keeps from starting starts when that is taken back", async () => {
  await using site = await openSite([app("acme.next", '"^2"'), geo("a.geo", "1.2.0"), geo("b.geo", "2.0.0")]);
  await site.host.capabilities.prefer("geocode", "b.geo");
  const host = await site.reopen(app("acme.app", '"^1"'));
  await host.start();
  const { state, message } = host.info("acme.app");
  assertStrictEquals(state, "blocked");
  assertMatch(
    message!,
    /for which the administrator chose "b.geo", which provides 2.0.0: choose another with cordon prefer geocode ID, or none with --clear/,
  );
  await host.capabilities.clear("geocode");
  assertStrictEquals(host.info("acme.app").state, "running");
  assertStrictEquals(await host.call("acme.app", "find", [1]), "a.geo 1");
});

Deno.test("What the site's file names wins, blocks whom it does not suit in words, and cannot be chosen away", async () => {
  await using site = await openSite(
    [app("acme.app", '"^1"'), app("acme.next", '"^2"'), geo("a.geo", "1.2.0"), geo("b.geo", "2.0.0")],
    { providers: { geocode: "a.geo" } },
  );
  const { host } = site;
  await host.start();
  assertStrictEquals(await host.call("acme.app", "find", [1]), "a.geo 1");
  const { state, message } = host.info("acme.next");
  assertStrictEquals(state, "blocked");
  assertMatch(
    message!,
    /cordon.toml names "a.geo", which provides 1.2.0: change it there, under \[providers\]/,
  );
  const error = await assertRejects(() => host.capabilities.prefer("geocode", "b.geo"), CordonError);
  assertEquals([error.code, one(host).because], ["policy", "site"]);
  const cleared = await host.capabilities.clear("geocode");
  assertEquals([cleared.preferred, cleared.because], ["a.geo", "site"]);
});

Deno.test("A handle ends at what is there, whatever a provider does while it is called", async () => {
  await using site = await openSite([
    app("acme.app", OPTIONAL),
    geo("acme.geo", "1.2.0"),
    geo("other.geo", "1.4.0"),
  ]);
  const { host } = site;
  await host.start();
  let isOver = false;
  const answers = new Set<string>();
  const codes = new Set<unknown>();
  const call = async () => {
    for (let n = 0; !isOver; n++) {
      try {
        const answer = await host.call("acme.app", "find", [n]) as string;
        assert(answer.endsWith(` ${n}`), answer);
        answers.add(answer.split(" ")[0]!);
      } catch (error) {
        codes.add((error as CordonError).facts.remoteCode);
      }
    }
  };
  const callers = [call(), call(), call()];
  for (let round = 0; round < 4; round++) {
    await host.restartPlugin("other.geo");
    await host.stopPlugin("acme.geo");
    await host.restartPlugin("other.geo");
    await host.startPlugin("acme.geo");
    await host.capabilities.prefer("geocode", "acme.geo");
    await host.capabilities.clear("geocode");
  }
  isOver = true;
  await Promise.all(callers);
  assertEquals([...answers].sort(), ["acme.geo", "other.geo"]);
  // Stopped in the middle of a call, or nobody there in between.
  assert(
    [...codes].every((code) => code === "channel_closed" || code === "capability_unavailable"),
    [...codes].join(),
  );
  const expected = { id: "other.geo", version: "1.4.0" };
  assertEquals(await host.call("acme.app", "state"), [true, expected, ["find"]]);
  const seen = await host.call("acme.app", "seen", [0]) as (CapabilityProvider | null)[];
  assertEquals(seen.at(-1), expected);
  // Each change is one: nothing is told twice in a row, but a provider that came back as itself.
  assert(seen.every((state, index) => state !== null || seen[index - 1] !== null));
});

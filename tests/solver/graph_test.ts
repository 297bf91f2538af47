import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { closureOf, type DependencyGraph, resolveGraph } from "../../src/solver/graph.ts";
import type { GraphNode } from "../../src/solver/graph_node.ts";
import { compareOffers, fitsRange } from "../../src/solver/offers.ts";

/** A plugin, `id@version` and what differs from a plugin that needs nothing. */
function plugin(
  name: string,
  { uses = {}, ...rest }: Partial<Omit<GraphNode, "uses">> & { uses?: Record<string, string> } = {},
): GraphNode {
  const [id, version = "1.0.0"] = name.split("@") as [string, string?];
  return {
    id,
    version,
    phase: 2,
    requires: {},
    optional: {},
    conflicts: {},
    provides: {},
    resources: {},
    // A range with "?" in front is optional.
    uses: Object.fromEntries(
      Object.entries(uses).map((
        [name, range],
      ) => [name, { version: range.replace("?", ""), optional: range.startsWith("?") }]),
    ),
    ...rest,
  };
}

/** The whole of a graph as text: stages, then problems. */
function show({ stages, problems }: DependencyGraph): string {
  return [
    ...stages.map(({ phase, ids }) => `${phase}: ${ids.join(" ")}`),
    ...[...problems].flatMap(([id, list]) => list.map(({ type, message }) => `${id} ${type}: ${message}`))
      .sort(),
  ].join("\n");
}

/** Who serves whom, of plugins that use one capability each. */
function bindingsOf({ bindings }: DependencyGraph): Record<string, string> {
  const served = [...bindings].flatMap(([id, own]) => [...own.values()].map((provider) => [id, provider]));
  return Object.fromEntries(served.sort());
}

function assertGraph(
  nodes: readonly GraphNode[],
  expected: string,
  options?: Parameters<typeof resolveGraph>[1],
): void {
  const text = expected.split("\n").map((line) => line.trim()).filter((line) => line !== "").join("\n");
  assertStrictEquals(show(resolveGraph(nodes, options)), text);
  // Whatever the order in which they were found.
  assertStrictEquals(show(resolveGraph(nodes.toReversed(), options)), text);
}

Deno.test("resolveGraph() starts what needs nothing first, then what needs it", () => {
  assertGraph(
    [
      plugin("a.app", { requires: { "a.geo": "^2", "a.log": "*" } }),
      plugin("a.geo@2.1.0", { requires: { "a.log": "^1" } }),
      plugin("a.log"),
      plugin("a.alone"),
    ],
    `
    2: a.alone a.log
    2: a.geo
    2: a.app
  `,
  );
  assertGraph([], "");
});

Deno.test("resolveGraph() says what is missing, and blocks whoever needs that", () => {
  assertGraph(
    [
      plugin("a.app", { requires: { "a.web": "*" } }),
      plugin("a.web", { requires: { "a.geo": "^2.1" } }),
      plugin("a.other"),
    ],
    `
    2: a.other
    a.app blocked: Cannot start "a.app": it needs "a.web", which cannot start
    a.web missing: Cannot start "a.web": it needs "a.geo" ^2.1, which is not there
  `,
  );
});

Deno.test("resolveGraph() says which version is there instead", () => {
  assertGraph(
    [
      plugin("a.app", { requires: { "a.geo": "^2.1" } }),
      plugin("a.beta", { requires: { "a.geo": ">=1.4.0-0" } }),
      plugin("a.geo@2.0.5"),
      plugin("a.late", { requires: { "a.next": "^3" } }),
      plugin("a.next@3.0.0-rc.1"),
    ],
    `
    2: a.geo a.next
    2: a.beta
    a.app version: Cannot start "a.app": it needs "a.geo" ^2.1, but 2.0.5 is there
    a.late version: Cannot start "a.late": it needs "a.next" ^3, but 3.0.0-rc.1 is there
  `,
  );
});

Deno.test("resolveGraph() tells every reason of one plugin", () => {
  assertGraph(
    [
      plugin("a.app", {
        requires: { "a.geo": "^2", "a.none": "*" },
        uses: { maps: "^1" },
        conflicts: { "a.geo": "<2" },
      }),
      plugin("a.geo@1.0.0"),
    ],
    `
    2: a.geo
    a.app capability: Cannot start "a.app": it uses the capability "maps" ^1, which nothing provides
    a.app conflict: Cannot start "a.app": it conflicts with "a.geo" <2, and 1.0.0 is there; remove one of the two
    a.app missing: Cannot start "a.app": it needs "a.none" *, which is not there
    a.app version: Cannot start "a.app": it needs "a.geo" ^2, but 1.0.0 is there
  `,
  );
});

Deno.test("resolveGraph() waits for the provider of a capability", () => {
  const nodes = [
    plugin("a.app", { uses: { geocode: "^1" } }),
    plugin("b.geo", { provides: { geocode: "1.2.0" } }),
    plugin("c.new", { uses: { geocode: "^2" } }),
    plugin("d.any", { uses: { geocode: "?^2", maps: "?*" } }),
  ];
  assertGraph(
    nodes,
    `
    2: b.geo d.any
    2: a.app
    c.new capability: Cannot start "c.new": it uses the capability "geocode" ^2, but only 1.2.0 ("b.geo") is provided
  `,
  );
  assertEquals([...resolveGraph(nodes).providers], [["geocode", "b.geo"]]);
});

Deno.test("resolveGraph() takes the provider of the highest version, then the first by id", () => {
  const choose = (...providers: [string, string][]) => {
    const nodes = providers.map(([id, version]) => plugin(id, { provides: { geocode: version } }));
    const chosen = resolveGraph(nodes).providers.get("geocode");
    assertStrictEquals(resolveGraph(nodes.toReversed()).providers.get("geocode"), chosen);
    return chosen;
  };
  assertStrictEquals(choose(["a.a", "1.0.0"], ["b.b", "1.2.0"], ["c.c", "1.1.9"]), "b.b");
  assertStrictEquals(choose(["b.b", "1.0.0"], ["a.a", "1.0.0"]), "a.a");
  assertStrictEquals(choose(["a.a", "1.0.0+1"], ["b.b", "1.0.0+2"]), "a.a");
  assertStrictEquals(choose(["a.a", "9.0.0"], ["b.b", "10.0.0"]), "b.b");
  // By precedence, in which 2.0.0-beta comes after 1.0.0, whoever has which.
  assertStrictEquals(choose(["a.a", "2.0.0-beta"], ["b.b", "1.0.0"]), "a.a");
  assertStrictEquals(choose(["a.a", "1.0.0"], ["b.b", "2.0.0-beta"]), "b.b");
  assertStrictEquals(choose(["a.a", "2.0.0-beta"], ["b.b", "2.0.0"]), "b.b");
});

Deno.test("resolveGraph() gives each plugin the best provider within its range, several side by side", () => {
  const nodes = [
    plugin("a.one", { uses: { geocode: "^1" } }),
    plugin("a.two", { uses: { geocode: "^2" } }),
    plugin("a.any", { uses: { geocode: "?*" } }),
    plugin("b.geo", { provides: { geocode: "1.2.0" } }),
    plugin("c.geo", { provides: { geocode: "1.4.0" } }),
    plugin("d.geo", { provides: { geocode: "2.0.0" } }),
  ];
  const graph = resolveGraph(nodes);
  assertEquals(bindingsOf(graph), { "a.any": "d.geo", "a.one": "c.geo", "a.two": "d.geo" });
  assertStrictEquals(graph.providers.get("geocode"), "d.geo");
  assertGraph(
    nodes.filter(({ id }) => id !== "d.geo"),
    `
    2: b.geo c.geo
    2: a.any a.one
    a.two capability: Cannot start "a.two": it uses the capability "geocode" ^2, but only 1.2.0 ("b.geo") and 1.4.0 ("c.geo") are provided
  `,
  );
});

Deno.test("resolveGraph() does without a provider that cannot start where another can", () => {
  const nodes = [
    plugin("a.app", { uses: { geocode: "^1" } }),
    plugin("b.geo", { provides: { geocode: "1.2.0" } }),
    plugin("c.geo", { provides: { geocode: "1.4.0" }, uses: { maps: "^1" } }),
    plugin("d.maps", { provides: { maps: "1.0.0" }, requires: { "d.none": "*" } }),
  ];
  const graph = resolveGraph(nodes);
  assertEquals(bindingsOf(graph), { "a.app": "b.geo" });
  assertStrictEquals(graph.providers.get("geocode"), "b.geo");
  assertGraph(
    nodes.filter(({ id }) => id !== "b.geo"),
    `
    a.app blocked: Cannot start "a.app": it needs "c.geo", which cannot start
    c.geo blocked: Cannot start "c.geo": it needs "d.maps", which cannot start
    d.maps missing: Cannot start "d.maps": it needs "d.none" *, which is not there
  `,
  );
});

Deno.test("resolveGraph() names every provider where none of them can start", () => {
  assertGraph(
    [
      plugin("a.app", { uses: { geocode: "^1", maps: "^1" } }),
      plugin("b.geo", { provides: { geocode: "1.2.0" }, requires: { "b.none": "*" } }),
      plugin("c.geo", { provides: { geocode: "1.4.0" }, requires: { "b.geo": "*" } }),
      plugin("m.maps", { provides: { maps: "1.0.0" } }),
    ],
    `
    2: m.maps
    a.app blocked: Cannot start "a.app": it uses the capability "geocode" ^1, whose providers "c.geo", "d.geo" and "b.geo" cannot start
    b.geo missing: Cannot start "b.geo": it needs "b.none" *, which is not there
    c.geo blocked: Cannot start "c.geo": it needs "b.geo", which cannot start
  `,
    { unavailable: [{ id: "d.geo", provides: { geocode: "1.3.0" } }] },
  );
});

Deno.test("resolveGraph() lists no more than five providers in a sentence", () => {
  const providers = Array.from(
    { length: 7 },
    (_, index) => plugin(`b.n${index}`, { provides: { x: `1.${index}.0` } }),
  );
  const { problems } = resolveGraph([plugin("a.app", { uses: { x: "^2" } }), ...providers]);
  assertStrictEquals(
    problems.get("a.app")![0]!.message,
    'Cannot start "a.app": it uses the capability "x" ^2, but only 1.0.0 ("b.n0"), 1.1.0 ("b.n1"), ' +
      '1.2.0 ("b.n2"), 1.3.0 ("b.n3"), 1.4.0 ("b.n4") and 2 more are provided',
  );
});

Deno.test("resolveGraph() goes by the administrator's choice before the version", () => {
  const nodes = [
    plugin("a.app", { uses: { geocode: "^1" } }),
    plugin("b.geo", { provides: { geocode: "1.2.0" } }),
    plugin("c.geo", { provides: { geocode: "1.4.0" } }),
  ];
  const choices = new Map([["geocode", { id: "b.geo", by: "site" as const }]]);
  const graph = resolveGraph(nodes, { choices });
  assertEquals(bindingsOf(graph), { "a.app": "b.geo" });
  assertStrictEquals(graph.providers.get("geocode"), "b.geo");
});

Deno.test("resolveGraph() takes nothing else where the chosen provider will not do, and says how to change it", () => {
  const world = (id: string, by: "site" | "administrator") =>
    [
      [
        plugin("a.app", { uses: { geocode: "^2" } }),
        plugin("a.free", { uses: { geocode: "?^2" } }),
        plugin("b.geo", { provides: { geocode: "1.2.0" } }),
        plugin("c.geo", { provides: { geocode: "2.0.0" } }),
        plugin("d.geo", { provides: { geocode: "2.1.0" }, requires: { "d.none": "*" } }),
      ],
      {
        choices: new Map([["geocode", { id, by }]]),
        unavailable: [{ id: "e.geo", provides: { geocode: "2.2.0" } }, { id: "f.other", provides: {} }],
      },
    ] as const;
  const expected: [string, "site" | "administrator", string][] = [
    [
      "b.geo",
      "site",
      'which cordon.toml names "b.geo", which provides 1.2.0: change it there, under [providers]',
    ],
    [
      "b.geo",
      "administrator",
      'which the administrator chose "b.geo", which provides 1.2.0: choose another with cordon prefer geocode ID, or none with --clear',
    ],
    [
      "x.none",
      "site",
      'which cordon.toml names "x.none", which is not there: change it there, under [providers]',
    ],
    [
      "d.geo",
      "site",
      'which cordon.toml names "d.geo", which cannot start: change it there, under [providers]',
    ],
    [
      "e.geo",
      "site",
      'which cordon.toml names "e.geo", which cannot start: change it there, under [providers]',
    ],
    [
      "f.other",
      "site",
      'which cordon.toml names "f.other", which does not provide it: change it there, under [providers]',
    ],
  ];
  for (const [id, by, words] of expected) {
    const [nodes, options] = world(id, by);
    const { problems, bindings } = resolveGraph(nodes, options);
    assertStrictEquals(
      problems.get("a.app")?.[0]?.message,
      `Cannot start "a.app": it uses the capability "geocode" ^2, for ${words}`,
    );
    assert(!problems.has("a.free"));
    assertStrictEquals(bindings.get("a.free"), undefined);
  }
});

Deno.test("resolveGraph() lets no plugin provide for itself", () => {
  const self = plugin("a.self", { provides: { x: "2.0.0" }, uses: { x: "*" } });
  const other = plugin("b.other", { provides: { x: "1.0.0" } });
  assertEquals(bindingsOf(resolveGraph([self, other])), { "a.self": "b.other" });
  assertGraph(
    [self],
    `a.self capability: Cannot start "a.self": it uses the capability "x" *, which nothing provides`,
  );
});

Deno.test("resolveGraph() passes over a provider of a later phase where an earlier one fits", () => {
  const app = plugin("a.app", { phase: 1, uses: { x: "*" } });
  const free = plugin("a.free", { phase: 1, uses: { x: "?*" } });
  const early = plugin("b.early", { phase: 1, provides: { x: "1.0.0" } });
  const late = plugin("c.late", { phase: 2, provides: { x: "2.0.0" } });
  // What can do without may get it later.
  assertEquals(bindingsOf(resolveGraph([app, free, early, late])), {
    "a.app": "b.early",
    "a.free": "c.late",
  });
  assertGraph(
    [app, free, late],
    `
    1: a.free
    2: c.late
    a.app blocked: Cannot start "a.app": it needs "c.late", which belongs to a later phase
  `,
  );
});

Deno.test("resolveGraph() goes round a cycle through the best provider by the next", () => {
  const nodes = [
    plugin("a.app", { uses: { x: "*" } }),
    plugin("b.best", { provides: { x: "2.0.0" }, requires: { "a.app": "*" } }),
    plugin("c.next", { provides: { x: "1.0.0" } }),
    plugin("d.user", { uses: { x: "*" } }),
  ];
  assertEquals(bindingsOf(resolveGraph(nodes)), { "a.app": "c.next", "d.user": "b.best" });
  assertGraph(
    nodes,
    `
    2: c.next
    2: a.app
    2: b.best
    2: d.user
  `,
  );
});

Deno.test("resolveGraph() tells both sides of a conflict that both declare, else one", () => {
  assertGraph(
    [
      plugin("a.new", { conflicts: { "a.old": "*", "a.none": "*" } }),
      plugin("a.old"),
      plugin("b.new@2.0.0", { conflicts: { "b.old": "<2" } }),
      plugin("b.old@1.0.0", { conflicts: { "b.new": "*" } }),
      plugin("c.new", { conflicts: { "a.old": ">1" } }),
    ],
    `
    2: a.old c.new
    a.new conflict: Cannot start "a.new": it conflicts with "a.old" *, and 1.0.0 is there; remove one of the two
    b.new conflict: Cannot start "b.new": it conflicts with "b.old" <2, and 1.0.0 is there; remove one of the two
    b.old conflict: Cannot start "b.old": it conflicts with "b.new" *, and 2.0.0 is there; remove one of the two
  `,
  );
});

Deno.test("resolveGraph() shows the whole cycle, and blocks who depends on it", () => {
  assertGraph(
    [
      plugin("a.app", { requires: { "a.two": "*" } }),
      plugin("a.one", { requires: { "a.two": "*" } }),
      plugin("a.two", { requires: { "a.three": "*", "z.free": "*" } }),
      plugin("a.three", { requires: { "a.one": "*" } }),
      plugin("z.free"),
      plugin("z.self", { requires: { "z.self": "*" } }),
    ],
    `
    2: z.free
    a.app blocked: Cannot start "a.app": it needs "a.two", which cannot start
    a.one cycle: Cannot start "a.one": "a.one" needs "a.two" needs "a.three" needs "a.one", which is a cycle
    a.three cycle: Cannot start "a.three": "a.one" needs "a.two" needs "a.three" needs "a.one", which is a cycle
    a.two cycle: Cannot start "a.two": "a.one" needs "a.two" needs "a.three" needs "a.one", which is a cycle
    z.self cycle: Cannot start "z.self": "z.self" needs "z.self", which is a cycle
  `,
  );
});

Deno.test("resolveGraph() finds a cycle through a capability, and blocks the rest of a knot", () => {
  assertGraph(
    [
      plugin("a.app", { uses: { maps: "*" } }),
      plugin("a.maps", { provides: { maps: "1.0.0" }, requires: { "a.app": "*", "a.side": "*" } }),
      plugin("a.side", { requires: { "a.maps": "*" } }),
    ],
    `
    a.app cycle: Cannot start "a.app": "a.app" needs "a.maps" needs "a.app", which is a cycle
    a.maps cycle: Cannot start "a.maps": "a.app" needs "a.maps" needs "a.app", which is a cycle
    a.side blocked: Cannot start "a.side": it needs "a.maps", which cannot start
  `,
  );
});

Deno.test("resolveGraph() starts phases one after the other, and refuses to wait for a later one", () => {
  assertGraph(
    [
      plugin("a.late", { phase: 3 }),
      plugin("a.boot", { phase: 0 }),
      plugin("a.early", { phase: 1, requires: { "a.late": "^1" } }),
      plugin("a.eager", { phase: 1, optional: { "a.late": "^1" } }),
      plugin("a.app", { phase: 3, requires: { "a.boot": "*", "a.eager": "*" } }),
      plugin("a.service", { phase: 2, uses: { ui: "*" } }),
      plugin("a.ui", { phase: 3, provides: { ui: "1.0.0" } }),
    ],
    `
    0: a.boot
    1: a.eager
    3: a.app a.late a.ui
    a.early blocked: Cannot start "a.early": it needs "a.late", which belongs to a later phase
    a.service blocked: Cannot start "a.service": it needs "a.ui", which belongs to a later phase
  `,
  );
});

Deno.test("resolveGraph() waits for what is optional where it is there and fits, and starts without it", () => {
  assertGraph(
    [
      plugin("a.app", { optional: { "a.log": "^1", "a.none": "*", "a.old": "^2", "a.broken": "*" } }),
      plugin("a.log"),
      plugin("a.old@1.0.0"),
      plugin("a.broken", { requires: { "a.none": "*" } }),
    ],
    `
    2: a.log a.old
    2: a.app
    a.broken missing: Cannot start "a.broken": it needs "a.none" *, which is not there
  `,
  );
});

Deno.test("resolveGraph() breaks cycles of what is optional, in one way only", () => {
  assertGraph(
    [
      plugin("a.one", { optional: { "a.two": "*" } }),
      plugin("a.two", { optional: { "a.three": "*" } }),
      plugin("a.three", { optional: { "a.one": "*" } }),
      plugin("b.one", { requires: { "b.two": "*" } }),
      plugin("b.two", { optional: { "b.one": "*" } }),
      plugin("c.self", { optional: { "c.self": "*" } }),
    ],
    `
    2: c.self
    2: a.one
    2: a.three
    2: a.two
    2: b.two
    2: b.one
  `,
  );
});

Deno.test("resolveGraph() tells a plugin that is there but cannot start from one that is not", () => {
  assertGraph(
    [
      plugin("a.app", { requires: { "a.blocked": "^1" } }),
      plugin("a.user", { uses: { maps: "^1", charts: "^1" } }),
      plugin("a.free", { optional: { "a.blocked": "^1" }, uses: { maps: "?^1" } }),
    ],
    `
      2: a.free
      a.app missing: Cannot start "a.app": it needs "a.blocked" ^1, which is there but cannot start
      a.user capability: Cannot start "a.user": it uses the capability "charts" ^1, which nothing provides
      a.user capability: Cannot start "a.user": it uses the capability "maps" ^1, whose provider "a.blocked" cannot start
    `,
    { unavailable: [{ id: "a.blocked", provides: { maps: "1.0.0" } }] },
  );
});

Deno.test("resolveGraph() is not confused by names that every object has", () => {
  assertGraph(
    [
      plugin("constructor", {
        requires: JSON.parse('{"__proto__": "*"}') as Record<string, string>,
        uses: { toString: "*" },
      }),
    ],
    `
    constructor capability: Cannot start "constructor": it uses the capability "toString" *, which nothing provides
    constructor missing: Cannot start "constructor": it needs "__proto__" *, which is not there
  `,
  );
});

/** Worlds in which each plugin needs only plugins before it, so that nothing is in the way. */
const acyclic = fc.array(
  fc.record({
    phase: fc.integer({ min: 0, max: 2 }),
    needs: fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 4 }),
  }),
  { maxLength: 25 },
).map((sketches) => {
  const nodes: GraphNode[] = [];
  for (const { phase, needs } of sketches) {
    const requires: Record<string, string> = {};
    const optional: Record<string, string> = {};
    const earlier = nodes.filter((node) => node.phase <= phase);
    for (const [index, isOptional] of needs) {
      const target = earlier[index % Math.max(1, earlier.length)];
      if (target !== undefined) (isOptional ? optional : requires)[target.id] = "*";
    }
    nodes.push(plugin(`p.n${nodes.length}`, { phase, requires, optional }));
  }
  return nodes;
});

/** Any world at all, cycles, conflicts and missing plugins included. */
const anyWorld = fc.array(
  fc.record({
    phase: fc.integer({ min: 0, max: 2 }),
    requires: fc.dictionary(
      fc.constantFrom("p.n0", "p.n1", "p.n2", "p.n3", "p.n4", "p.none"),
      fc.constantFrom("*", "^1", "^2"),
      { maxKeys: 3 },
    ),
    optional: fc.dictionary(fc.constantFrom("p.n0", "p.n1", "p.n2", "p.n3"), fc.constantFrom("*", "^2"), {
      maxKeys: 3,
    }),
    conflicts: fc.dictionary(fc.constantFrom("p.n0", "p.n5"), fc.constant("*"), { maxKeys: 1 }),
    provides: fc.dictionary(fc.constantFrom("x", "y"), fc.constantFrom("1.0.0", "2.0.0"), { maxKeys: 2 }),
    uses: fc.dictionary(fc.constantFrom("x", "y", "z"), fc.constantFrom("*", "?*", "^1", "?^2"), {
      maxKeys: 2,
    }),
  }),
  { maxLength: 8 },
).map((sketches) => sketches.map((sketch, index) => plugin(`p.n${index}`, sketch)));

/** Worlds in which little is in the way but who serves whom. */
const capabilityWorld = fc.array(
  fc.record({
    phase: fc.integer({ min: 1, max: 2 }),
    requires: fc.dictionary(fc.constantFrom("p.n0", "p.n1", "p.n2", "p.n3"), fc.constant("*"), {
      maxKeys: 1,
    }),
    provides: fc.dictionary(fc.constantFrom("x", "y"), fc.constantFrom("1.0.0", "1.1.0", "2.0.0"), {
      maxKeys: 2,
    }),
    uses: fc.dictionary(fc.constantFrom("x", "y"), fc.constantFrom("*", "?*", "^1", "^2", "?^2"), {
      maxKeys: 2,
    }),
  }),
  { minLength: 4, maxLength: 9 },
).map((sketches) => sketches.map((sketch, index) => plugin(`p.n${index}`, sketch)));

/** Checks that whoever starts does so once, after everything it needs, and phases rise. */
function assertStages(
  { stages, edges, problems }: DependencyGraph,
  nodes: readonly GraphNode[],
  { optionalToo }: { optionalToo: boolean },
): void {
  const stageOf = new Map(stages.flatMap(({ ids }, index) => ids.map((id) => [id, index] as const)));
  assertStrictEquals(stageOf.size, stages.flatMap(({ ids }) => ids).length);
  for (const node of nodes) {
    assertStrictEquals(stageOf.has(node.id), !problems.has(node.id), node.id);
    const stage = stageOf.get(node.id);
    if (stage !== undefined) assertStrictEquals(stages[stage]!.phase, node.phase);
  }
  const phases = stages.map(({ phase }) => phase);
  assertEquals(phases, phases.toSorted((a, b) => a - b));
  for (const { from, to, optional } of edges) {
    const [waiting, needed] = [stageOf.get(from), stageOf.get(to)];
    if (waiting === undefined || (optional && (!optionalToo || needed === undefined))) continue;
    assert(needed !== undefined && needed < waiting, `${from} needs ${to}`);
  }
}

Deno.test("resolveGraph() starts everything of a world without cycles, each after what it needs or uses", () => {
  fc.assert(
    fc.property(acyclic, (nodes) => {
      const graph = resolveGraph(nodes);
      assertStrictEquals(graph.problems.size, 0);
      assertStages(graph, nodes, { optionalToo: true });
      // No later than it has to: something in the stage before is needed.
      for (const [index, { phase, ids }] of graph.stages.entries()) {
        const before = graph.stages[index - 1];
        if (before?.phase !== phase) continue;
        for (const id of ids) {
          assert(graph.edges.some(({ from, to }) => from === id && before.ids.includes(to)));
        }
      }
    }),
  );
});

Deno.test("resolveGraph() starts nobody without what it requires, whatever the world", () => {
  fc.assert(
    fc.property(anyWorld, (nodes) => {
      const graph = resolveGraph(nodes);
      assertStages(graph, nodes, { optionalToo: false });
      assertStrictEquals(show(resolveGraph(nodes)), show(graph));
      for (const [id, problems] of graph.problems) {
        assert(problems.length > 0 && problems.every(({ message }) => message.includes(`"${id}"`)));
      }
      for (const { id, requires, uses } of nodes.filter(({ id }) => !graph.problems.has(id))) {
        for (const needed of Object.keys(requires)) {
          assert(!graph.problems.has(needed), `${id} needs ${needed}`);
        }
        for (const [name, use] of Object.entries(uses)) {
          const provider = graph.bindings.get(id)?.get(name);
          if (!use.optional) assert(provider !== undefined, `${id} uses ${name}`);
          if (provider !== undefined) assert(!graph.problems.has(provider), `${id} uses ${name}`);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("resolveGraph() binds within the range and by the choice, and passes over nobody better but for a cycle", () => {
  const choice = fc.option(fc.constantFrom("p.n0", "p.n3", "p.none"), { nil: undefined });
  let bound = 0;
  fc.assert(
    fc.property(capabilityWorld, choice, (nodes, chosen) => {
      const choices = new Map(chosen === undefined ? [] : [["x", { id: chosen, by: "site" as const }]]);
      const { bindings, problems } = resolveGraph(nodes, { choices });
      const uses = nodes.flatMap((node) =>
        Object.entries(node.uses).map(([name, { version: range, optional }]) => {
          const fitting = nodes.filter(({ id, phase, provides }) =>
            id !== node.id && Object.hasOwn(provides, name) && (optional || phase <= node.phase) &&
            (!choices.has(name) || choices.get(name)!.id === id) &&
            fitsRange({ id, version: provides[name]! }, range)
          ).map(({ id, provides }) => ({ id, version: provides[name]! })).sort(compareOffers);
          return { node, name, optional, fitting, chosen: bindings.get(node.id)?.get(name) };
        })
      );
      const edges = nodes.flatMap(({ id, requires }) => Object.keys(requires).map((to) => [id, to] as const));
      for (const { node, fitting, optional } of uses) {
        if (!optional) edges.push(...fitting.map(({ id }) => [node.id, id] as const));
      }
      for (const { node, name, optional, fitting, chosen } of uses) {
        if (problems.has(node.id)) continue;
        assert(optional || chosen !== undefined);
        if (chosen !== undefined) bound++;
        const place = chosen === undefined ? fitting.length : fitting.findIndex(({ id }) => id === chosen);
        assert(place >= 0, `${node.id} got ${chosen} for ${name}`);
        for (const { id } of fitting.slice(0, place).filter(({ id }) => !problems.has(id))) {
          assert(!optional && reaches(id, node.id, edges), `${node.id} passed over ${id} for ${name}`);
        }
      }
    }),
    { numRuns: 2_000 },
  );
  assert(bound > 500, `${bound} bindings say little`);
});

function reaches(from: string, to: string, edges: readonly (readonly [from: string, to: string])[]): boolean {
  const seen = new Set([from]);
  for (const id of seen) for (const [source, target] of edges) if (source === id) seen.add(target);
  return seen.has(to);
}

Deno.test("resolveGraph() comes through a chain of 10,000 plugins, and a cycle of as many", () => {
  const count = 10_000;
  const chain = Array.from(
    { length: count },
    (_, index) => plugin(`p.n${index}`, { requires: index === 0 ? {} : { [`p.n${index - 1}`]: "*" } }),
  );
  const graph = resolveGraph(chain);
  assertStrictEquals(graph.stages.length, count);
  assertEquals(graph.stages.at(-1)!.ids, [`p.n${count - 1}`]);
  assertStrictEquals(closureOf([`p.n${count - 1}`], graph.edges).size, count);

  const [first, ...rest] = chain;
  const broken = resolveGraph([{ ...first!, requires: { "p.none": "*" } }, ...rest]);
  assertEquals([broken.stages.length, broken.problems.size], [0, count]);
  const cycle = resolveGraph([{ ...first!, requires: { [`p.n${count - 1}`]: "*" } }, ...rest]);
  assertEquals([cycle.stages.length, cycle.problems.get("p.n5")![0]!.type], [0, "cycle"]);
});

Deno.test("closureOf() holds everything that some plugins wait for, and themselves", () => {
  const { edges } = resolveGraph([
    plugin("a.a", { requires: { "a.b": "*" } }),
    plugin("a.b", { optional: { "a.c": "*" } }),
    plugin("a.c"),
    plugin("a.d", { requires: { "a.a": "*" } }),
  ]);
  assertEquals([...closureOf(["a.a"], edges)].sort(), ["a.a", "a.b", "a.c"]);
  assertEquals([...closureOf(["a.c", "a.unknown"], edges)].sort(), ["a.c", "a.unknown"]);
  assertEquals([...closureOf([], edges)], []);
});

Deno.test("resolveGraph() starts those who share a thing and agree what it is", () => {
  assertGraph(
    [
      plugin("a.one", { resources: { "a.door": "a lock", "a.seats": "a semaphore with 3 permits" } }),
      plugin("b.two", { resources: { "a.door": "a lock", "b.hits": "a counter" } }),
    ],
    "2: a.one b.two",
  );
});

Deno.test("resolveGraph() holds back who declares a shared thing to be something else", () => {
  assertGraph(
    [
      plugin("z.one", { resources: { "z.door": "a lock" } }),
      plugin("a.two", { resources: { "z.door": "a counter" } }),
      plugin("a.three", { resources: { "b.seats": "a semaphore with 2 permits" } }),
      plugin("b.four", { resources: { "b.seats": "a semaphore with 3 permits" } }),
      plugin("c.five", { resources: { "x.map": "a blob of 1 MiB" } }),
      plugin("d.six", { resources: { "x.map": "a blob of 2 MiB" } }),
      plugin("d.seven", { requires: { "d.six": "*" } }),
    ],
    `
    2: b.four c.five z.one
    a.three conflict: Cannot start "a.three": it declares the resource "b.seats" as a semaphore with 2 permits, but "b.four" declares it as a semaphore with 3 permits
    a.two conflict: Cannot start "a.two": it declares the resource "z.door" as a counter, but "z.one" declares it as a lock
    d.seven blocked: Cannot start "d.seven": it needs "d.six", which cannot start
    d.six conflict: Cannot start "d.six": it declares the resource "x.map" as a blob of 2 MiB, but "c.five" declares it as a blob of 1 MiB
    `,
  );
});

Deno.test("resolveGraph() holds back who was written against another contract, unless it does without", () => {
  const nodes = [
    plugin("a.app", { uses: { geocode: "^1" } }),
    plugin("b.optional", { uses: { geocode: "?^1" } }),
    plugin("c.old", { uses: { geocode: "^2" } }),
    plugin("d.geo", { provides: { geocode: "1.2.0" } }),
    plugin("e.fine", { uses: { geocode: "^1" } }),
  ];
  const asked: string[] = [];
  assertGraph(
    nodes,
    `
    2: b.optional d.geo
    2: e.fine
    a.app conflict: Cannot start "a.app": it was written against another contract of "geocode" than that of "d.geo", which provides 1.2.0: find() is not there
    c.old capability: Cannot start "c.old": it uses the capability "geocode" ^2, but only 1.2.0 ("d.geo") is provided
    `,
    {
      isIncompatible: (...pair) => {
        asked.push(pair.join(" "));
        return pair[0] === "e.fine" ? undefined : "find() is not there";
      },
    },
  );
  // What does not fit by its version is not asked about.
  assertEquals([...new Set(asked)].sort(), [
    "a.app d.geo geocode",
    "b.optional d.geo geocode",
    "e.fine d.geo geocode",
  ]);
});

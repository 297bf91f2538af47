import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { closureOf, type DependencyGraph, type GraphNode, resolveGraph } from "../../src/solver/graph.ts";

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
    c.new capability: Cannot start "c.new": it uses the capability "geocode" ^2, but "b.geo" provides 1.2.0
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
    { unavailable: [{ id: "a.blocked", provides: ["maps"] }] },
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
    uses: fc.dictionary(fc.constantFrom("x", "y", "z"), fc.constantFrom("*", "?*", "^1"), { maxKeys: 2 }),
  }),
  { maxLength: 8 },
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
          if (!use.optional) assert(!graph.problems.has(graph.providers.get(name)!), `${id} uses ${name}`);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

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
    c.old capability: Cannot start "c.old": it uses the capability "geocode" ^2, but "d.geo" provides 1.2.0
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

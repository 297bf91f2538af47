import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import {
  checkImportGraph,
  type GraphDependency,
  type ImportReport,
  type ModuleGraph,
} from "../../src/manifest/import_graph.ts";

const ROOT = "file:///plugins/maps/";

/** A module of a graph: what it imports, `specifier` to target, or how it failed. */
type Sketch = Readonly<Record<string, string | undefined>> | { readonly error: string };

/** Makes what `deno info --json` would say: line n holds the n-th import. */
function draw(sketches: Readonly<Record<string, Sketch>>): ModuleGraph {
  return {
    modules: Object.entries(sketches).map(([specifier, sketch]) =>
      typeof sketch.error === "string" && Object.keys(sketch).length === 1
        ? { specifier, error: sketch.error }
        : {
          specifier,
          dependencies: Object.entries(sketch).map(([name, target], line) => dependency(name, target, line)),
        }
    ),
  };
}

function dependency(specifier: string, target: string | undefined, line: number): GraphDependency {
  const span = { start: { line } };
  return {
    specifier,
    code: target === undefined
      ? { error: `Import "${specifier}" not a dependency`, span }
      : { specifier: target, span },
  };
}

function check(sketches: Readonly<Record<string, Sketch>>): ImportReport {
  return checkImportGraph(draw(sketches), `${ROOT}main.ts`, ROOT);
}

Deno.test("checkImportGraph() accepts files of the plugin, node: modules, and packages to be bundled", () => {
  const report = check({
    [`${ROOT}main.ts`]: {
      "./a.ts": `${ROOT}a.ts`,
      "node:path": "node:path",
      "npm:chalk@5": "npm:chalk@5",
      "jsr:@std/semver@1": "jsr:@std/semver@1",
    },
    [`${ROOT}a.ts`]: {
      "./main.ts": `${ROOT}main.ts`,
      "./data%20x.json": `${ROOT}data%20x.json`,
      "npm:chalk@5": "npm:chalk@5",
    },
    [`${ROOT}data%20x.json`]: {},
    "file:///plugins/other/main.ts": { "https://evil.test/": "https://evil.test/" },
  });
  assertEquals(report, {
    problems: [],
    packages: ["jsr:@std/semver@1", "npm:chalk@5"],
    modules: ["a.ts", "data x.json", "main.ts"],
  });
});

Deno.test("checkImportGraph() refuses what lies outside the folder, in whatever words", () => {
  const targets = {
    "../other/main.ts": "file:///plugins/other/main.ts",
    "/etc/passwd": "file:///etc/passwd",
    "../maps2/x.ts": "file:///plugins/maps2/x.ts",
    "./..%2fother/main.ts": `${ROOT}..%2fother/main.ts`,
    "./a/..%2F..%2f..%2Fetc/passwd": `${ROOT}a/..%2F..%2f..%2Fetc/passwd`,
    "./..%5cother": `${ROOT}..%5cother`,
    "file://server/share/x.ts": "file://server/share/x.ts",
  };
  for (const [specifier, target] of Object.entries(targets)) {
    const { problems } = check({ [`${ROOT}main.ts`]: { [specifier]: target }, [target]: {} });
    assertEquals(problems, [{
      file: "main.ts",
      line: 1,
      message: `imports "${specifier}", which is outside the plugin's folder`,
    }]);
  }
});

Deno.test("checkImportGraph() tells nothing of a file outside the folder", () => {
  const secret = "SyntaxError: Expected ';', got root:x:0:0 hunter2\n  |\n1 | root:x:0:0 hunter2";
  for (const target of ["file:///etc/shadow", `${ROOT}..%2f..%2fetc%2fshadow`]) {
    const report = check({ [`${ROOT}main.ts`]: { "./x": target }, [target]: { error: secret } });
    assertEquals(report.problems.length, 1);
    assert(!JSON.stringify(report).includes("hunter2"));
    assert(!JSON.stringify(report).includes("Syntax"));
  }
});

Deno.test("checkImportGraph() refuses code from elsewhere, and says what to do instead", () => {
  const refused: [string, string | undefined, string][] = [
    [
      "https://code.example/a.ts",
      "https://code.example/a.ts",
      'from the network: use "npm:", "jsr:" or a copy',
    ],
    ["http://a.test/", "http://a.test/", "from the network"],
    [
      "data:text/javascript,1",
      "data:text/javascript,1",
      'imports code from a "data:" URL: put it into a file',
    ],
    ["blob:null/1", "blob:null/1", 'imports code from a "blob:" URL'],
    ["chalk", undefined, 'imports "chalk", which leads nowhere: use a relative path, "npm:" or "jsr:"'],
    ["ext:core/ops", "ext:core/ops", 'imports "ext:core/ops", which is of no known kind'],
    ["wasm:x", "wasm:x", "which is of no known kind"],
  ];
  for (const [specifier, target, message] of refused) {
    const { problems, packages } = check({ [`${ROOT}main.ts`]: { [specifier]: target } });
    assertEquals(problems.map(({ file, line }) => [file, line]), [["main.ts", 1]], specifier);
    assertStringIncludes(problems[0]!.message, message);
    assertEquals(packages, []);
  }
});

Deno.test("checkImportGraph() follows where specifiers were sent on", () => {
  const graph = (target: string): ModuleGraph => ({
    ...draw({ [`${ROOT}main.ts`]: { "npm:a@1": "npm:a@1", "./x.ts": `${ROOT}x.ts` }, [`${ROOT}x.ts`]: {} }),
    redirects: { "npm:a@1": "npm:/a@1.2.3", [`${ROOT}x.ts`]: target },
  });
  const judge = (target: string) =>
    checkImportGraph(graph(target), `${ROOT}main.ts`, ROOT).problems.map(({ message }) => message);
  assertEquals(judge(`${ROOT}x.ts`), []);
  assertEquals(judge("file:///etc/passwd"), ['imports "./x.ts", which is outside the plugin\'s folder']);
  assertEquals(judge("https://a.test/x.ts"), [
    'imports "./x.ts" from the network: use "npm:", "jsr:" or a copy',
  ]);
});

Deno.test("checkImportGraph() leaves out imports of types only", () => {
  const graph = draw({ [`${ROOT}main.ts`]: {} });
  const typed = { specifier: "https://a.test/types.ts" } as GraphDependency;
  const report = checkImportGraph(
    { modules: [{ ...graph.modules[0]!, dependencies: [typed] }] },
    `${ROOT}main.ts`,
    ROOT,
  );
  assertEquals(report, { problems: [], packages: [], modules: ["main.ts"] });
});

Deno.test("checkImportGraph() says which file is missing or cannot be read, with its line", () => {
  const syntax =
    `SyntaxError: Expression expected\n  |\n7 | const x = ;\n  |           ~\n    at ${ROOT}bad.ts:7:11`;
  const { problems } = check({
    [`${ROOT}main.ts`]: {
      "./a%20b.ts": `${ROOT}a%20b.ts`,
      "./bad.ts": `${ROOT}bad.ts`,
      "./lost.ts": `${ROOT}lost.ts`,
    },
    [`${ROOT}a%20b.ts`]: { error: `Module not found "${ROOT}a%20b.ts".` },
    [`${ROOT}bad.ts`]: { error: syntax },
  });
  assertEquals(problems.toSorted((a, b) => a.file! < b.file! ? -1 : 1), [
    { file: "a b.ts", message: "does not exist" },
    { file: "bad.ts", line: 7, message: "SyntaxError: Expression expected" },
    { file: "lost.ts", message: "cannot be found in the import graph" },
  ]);
});

Deno.test("checkImportGraph() says so when the main module is missing", () => {
  assertEquals(check({}).problems, [{ file: "main.ts", message: "cannot be found in the import graph" }]);
  assertEquals(check({ [`${ROOT}main.ts`]: { error: `Module not found "${ROOT}main.ts".` } }).problems, [
    { file: "main.ts", message: "does not exist" },
  ]);
});

Deno.test("checkImportGraph() survives names that are no UTF-8 once decoded", () => {
  for (const name of ["%zz.ts", "%ff.ts", "%.ts", "%c3%28.ts"]) {
    const { problems } = check({
      [`${ROOT}main.ts`]: { [`./${name}`]: `${ROOT}${name}` },
      [`${ROOT}${name}`]: { error: "Module not found" },
    });
    assertEquals(problems, [{ file: name, message: "does not exist" }]);
  }
});

Deno.test("checkImportGraph() shows long specifiers in part, and ends on graphs of any shape", () => {
  const long = `https://a.test/${"x".repeat(100_000)}`;
  assert(check({ [`${ROOT}main.ts`]: { [long]: long } }).problems[0]!.message.length < 300);

  const url = fc.constantFrom(
    ...["main.ts", "a.ts", "b/c.ts", "..%2fx", "%zz"].map((name) => ROOT + name),
    "file:///etc/x",
    "npm:a",
    "https://a.test/",
    "data:,1",
    "node:fs",
    "",
  );
  const sketch = fc.dictionary(fc.string({ maxLength: 5 }), fc.option(url, { nil: undefined }), {
    maxKeys: 4,
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(url, sketch), { maxLength: 6 }), (modules) => {
      const { problems, packages } = check(Object.fromEntries(modules));
      assert(problems.every(({ message }) => message !== ""));
      assertEquals(packages, packages.toSorted());
    }),
  );
});

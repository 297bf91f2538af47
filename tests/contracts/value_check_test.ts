import { assert, assertEquals } from "@std/assert";
import type { Schema } from "../../src/contracts/schema.ts";
import { formatPath, SchemaCompiler } from "../../src/contracts/value_check.ts";

const PLACE: Schema = {
  type: "object",
  properties: {
    lat: { type: "number" },
    name: { type: "string" },
    tile: { contentMediaType: "application/octet-stream" },
  },
  required: ["lat"],
};

function explain(
  schema: Schema,
  value: unknown,
  definitions: Record<string, Schema> = { Place: PLACE },
): string {
  const mismatch = new SchemaCompiler(definitions).compile(schema)(value);
  return mismatch === undefined ? "fits" : `${formatPath(mismatch.path)} ${mismatch.message}`.trim();
}

Deno.test("SchemaCompiler says where a value does not fit, and how", () => {
  const place: Schema = { $ref: "#/$defs/Place" };
  const cases: [Schema, unknown, string][] = [
    [place, { lat: 1 }, "fits"],
    [place, { lat: "1" }, "/lat is no number"],
    [place, { name: "x" }, "/lat is missing"],
    [place, { lat: 1, tile: [1] }, "/tile is no Uint8Array"],
    [place, [1], "is no object"],
    [{ type: "array", items: place }, [{ lat: 1 }, { lat: null }], "/1/lat is no number"],
    [{ type: "array", prefixItems: [place], minItems: 1 }, [], "/0 is missing"],
    [{ type: "array", prefixItems: [place], maxItems: 1 }, [{ lat: 1 }, 2], "has more than 1 items"],
    [{ type: ["string", "null"] }, 3, "is not string | null"],
    [{ type: "null" }, 3, "is not null"],
    [{ enum: ["a", "b", 3] }, "c", 'is not "a" | "b" | 3'],
    [{ enum: ["a", "b", "c", "d", "e", "f"] }, 1, 'is not "a" | "b" | "c" | "d" | "e" | …'],
    [{ enum: [] }, 1, "is not never"],
    // The one that got further is the one that was meant.
    [{ anyOf: [{ type: "null" }, place] }, { lat: "x" }, "/lat is no number"],
    [{ anyOf: [{ type: "null" }, place] }, "x", "is not null | Place"],
    [{ type: "object", additionalProperties: { type: "number" } }, { a: 1, b: "x" }, "/b is no number"],
    [
      { allOf: [place, { type: "object", required: ["name"], properties: { name: {} } }] },
      { lat: 1 },
      "/name is missing",
    ],
  ];
  for (const [schema, value, words] of cases) assertEquals(explain(schema, value), words);
});

Deno.test("SchemaCompiler looks at own properties only, whatever they are named", () => {
  const schema: Schema = {
    type: "object",
    properties: JSON.parse('{"__proto__": {"type": "number"}, "toString": {"type": "number"}}'),
    required: ["toString"],
  };
  assertEquals(explain(schema, {}), "/toString is missing");
  assertEquals(explain(schema, JSON.parse('{"toString": 1, "__proto__": 2}')), "fits");
  assertEquals(explain(schema, JSON.parse('{"toString": 1, "__proto__": "x"}')), "/__proto__ is no number");
});

Deno.test("SchemaCompiler cuts what somebody made long", () => {
  const found = explain({ type: "object", additionalProperties: { type: "number" } }, {
    ["k".repeat(5_000)]: "x",
  });
  assert(found.length < 100, found);
  assert(explain({ enum: ["v".repeat(5_000)] }, 1).length < 100);
});

Deno.test("SchemaCompiler bounds its work where types name each other without end", () => {
  const twice = { anyOf: [{ $ref: "#/$defs/T" }, { $ref: "#/$defs/T" }] };
  const T: Schema = { type: "object", properties: { next: twice }, required: ["never"] };
  let value: unknown = {};
  for (let depth = 0; depth < 60; depth++) value = { next: value };
  const start = performance.now();
  assertEquals(
    explain({ $ref: "#/$defs/T" }, value, { T: { anyOf: [T, T, { type: "number" }] } }),
    "takes too much work to check",
  );
  assert(performance.now() - start < 5_000);
  for (const self of [{ $ref: "#/$defs/A" }, { anyOf: [{ $ref: "#/$defs/A" }, { $ref: "#/$defs/A" }] }]) {
    assertEquals(explain({ $ref: "#/$defs/A" }, 1, { A: self }), "takes too much work to check");
  }
});

Deno.test("SchemaCompiler takes a large value in its stride", () => {
  const list = Array.from({ length: 300_000 }, (_, index) => ({ lat: index }));
  assertEquals(explain({ type: "array", items: { $ref: "#/$defs/Place" } }, list), "fits");
  assertEquals(
    explain({ type: "array", items: { $ref: "#/$defs/Place" } }, [...list, {}]),
    "/300000/lat is missing",
  );
});

Deno.test("SchemaCompiler bounds its work however large the value is", () => {
  const choices = Array.from({ length: 20 }, (_, at): Schema => ({ type: "object", required: [`k${at}`] }));
  const schema: Schema = { type: "array", items: { anyOf: [...choices, { type: "object" }] } };
  const [few, many] = [1_000, 400_000].map((count) => Array.from({ length: count }, () => ({})));
  assertEquals(explain(schema, few), "fits");
  const start = performance.now();
  assertEquals(explain(schema, many), "takes too much work to check");
  assert(performance.now() - start < 4_000);
});

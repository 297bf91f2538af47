import { assertEquals, assertThrows } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { editUsedContract } from "../../src/manifest/edit_uses.ts";
import { parseManifest } from "../../src/manifest/parse.ts";

const HEAD = 'schema = 1 # first\n[plugin]\nid = "acme.app"\nversion = "1.0.0"\nmain = "main.ts"\n';
const EDIT = { capability: "geo.code", contract: "contracts/geo.ts" };

Deno.test("editUsedContract() names a contract, and leaves everything else as it stands", async (test) => {
  const cases: [name: string, before: string, after: string][] = [
    [
      "a range alone",
      `${HEAD}[uses]\n# why\nother = "^2"\n"geo.code"   =  "^1" # where\n\n[limits]\nmemory = "64MiB"\n`,
      `${HEAD}[uses]\n# why\nother = "^2"\n"geo.code"   = { version = "^1", contract = "contracts/geo.ts" } # where\n\n[limits]\nmemory = "64MiB"\n`,
    ],
    [
      "a table in one line",
      `${HEAD}[uses]\n'geo.code' = { version = '^1', optional = true } # x\n`,
      `${HEAD}[uses]\n'geo.code' = { version = '^1', optional = true, contract = "contracts/geo.ts" } # x\n`,
    ],
    [
      "a table of its own",
      `${HEAD}[uses."geo.code"] # x\nversion = "^1" # y\n\n[uses.other]\nversion = "^2"\n`,
      `${HEAD}[uses."geo.code"] # x\nversion = "^1"\ncontract = "contracts/geo.ts" # y\n\n[uses.other]\nversion = "^2"\n`,
    ],
  ];
  for (const [name, before, after] of cases) {
    await test.step(name, () => assertEquals(editUsedContract(before, "plugin.toml", EDIT), after));
  }
  await test.step("a document in JSON", () => {
    const document = {
      schema: 1,
      plugin: { id: "acme.app", version: "1.0.0", main: "main.ts" },
      uses: { "geo.code": "^1", other: { version: "^2" } },
    };
    const edited = editUsedContract(`${JSON.stringify(document, undefined, "\t")}\n`, "plugin.json", EDIT);
    assertEquals(parseManifest(edited, "plugin.json").uses["geo.code"], {
      version: "^1",
      optional: false,
      contract: "contracts/geo.ts",
    });
    assertEquals(edited.startsWith('{\n\t"schema": 1'), true);
  });
});

Deno.test("editUsedContract() changes nothing that it cannot change safely, and says what to write", () => {
  for (
    const uses of [
      '[uses]\n"geo.code" = { version = "^1", contract = "mine.ts" }\n',
      '[uses]\n"geo.code".version = "^1"\n',
    ]
  ) {
    const error = assertThrows(() => editUsedContract(`${HEAD}${uses}`, "plugin.toml", EDIT), CordonError);
    assertEquals(error.code, "not_editable");
    assertEquals(error.hint, 'Write there: "geo.code" = { version = "^1", contract = "contracts/geo.ts" }');
  }
});

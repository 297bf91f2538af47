import { assertEquals } from "@std/assert";
import { isIgnoredPath } from "../../src/reload/ignored_names.ts";

Deno.test("isIgnoredPath() passes over what editors and tools leave behind, at any depth", () => {
  const ignored = [
    ".git/index",
    "a/node_modules/x/main.js",
    "a/.main.ts.swp",
    "a/.main.ts.swx",
    "a/main.ts~",
    "a/.#main.ts",
    "a/#main.ts#",
    "a/4913",
    "a/main.ts.tmp",
    "a/.goutputstream-X1",
    "a/main.ts___jb_tmp___",
    "a/__pycache__/x.pyc",
    ".DS_Store",
  ];
  assertEquals(ignored.filter((path) => !isIgnoredPath(path)), []);
});

Deno.test("isIgnoredPath() notices everything else", () => {
  const noticed = [
    "main.ts",
    ".gitignore",
    ".env",
    "git/x.ts",
    "a/49130",
    "tmp/x.ts",
    "swap.ts",
    "a#b.ts",
    "",
  ];
  assertEquals(noticed.filter(isIgnoredPath), []);
});

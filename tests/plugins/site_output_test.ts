import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import * as site from "../../plugins/site/main.ts";
import { Output } from "../../plugins/site/output.ts";
import { relativeUrl } from "../../plugins/site/page_url.ts";
import { createFolder, FakeHost, listFolder } from "./fake_context.ts";
import { startSite } from "./start_site.ts";

Deno.test("relativeUrl() leads from one output file to another", () => {
  assertEquals(relativeUrl("index.html", "a/b c.html"), "a/b%20c.html");
  assertEquals(relativeUrl("a/b/c.html", "a/d.html"), "../d.html");
  assertEquals(relativeUrl("a/b.html", "a/b.html"), "b.html");
  assertEquals(relativeUrl("a/x.html", "a#?/y%.html"), "../a%23%3F/y%25.html");
});

Deno.test("Output.write() makes its folder anew when somebody removed it", async () => {
  await using out = await createFolder({});
  const output = await Output.open(`${out.path}/site`);
  await output.write("a/b.html", "1");
  await Deno.remove(`${out.path}/site`, { recursive: true });
  await output.write("a/b.html", "2");
  assertEquals(await listFolder(`${out.path}/site`), [".cordon-site", "a/b.html"]);
});

Deno.test("Output.write() stays within its folder", async () => {
  await using out = await createFolder({});
  const output = await Output.open(`${out.path}/site`);
  for (const path of ["../x", "a/../../x", "/x", "a//b", "", ".", "a\\b"]) {
    await assertRejects(() => output.write(path, "x"), RangeError, "no path within the output folder");
  }
  assertEquals(await listFolder(out.path), ["site/.cordon-site"]);
});

Deno.test("cordon.site refuses the input folder as output, and leaves it as it was", async () => {
  await using folder = await createFolder({ "a.md": "# A" });
  await using host = new FakeHost();
  const error = await assertRejects(() => startSite(host, folder.path, folder.path), Error);
  assertMatch(
    error.message,
    /^Cannot write output folder ".*": it is the input folder; choose another with --var output=DIR$/,
  );
  assertEquals(await listFolder(folder.path), ["a.md"]);
});

Deno.test("cordon.site refuses a folder that holds files of somebody else, and leaves it as it was", async () => {
  await using folder = await createFolder({ "guide/setup.md": "# Setup" });
  await using out = await createFolder({ "guide/setup.html": "mine" });
  await using host = new FakeHost();
  const error = await assertRejects(() => startSite(host, folder.path, out.path), Error);
  assertStringIncludes(
    error.message,
    'it holds "guide/setup.html", which cordon.site did not write; choose an empty folder',
  );
  assertEquals(await listFolder(out.path), ["guide/setup.html"]);
  assertEquals(await Deno.readTextFile(`${out.path}/guide/setup.html`), "mine");
});

Deno.test("cordon.site says in one sentence why the output cannot be written", async () => {
  await using folder = await createFolder({ "a.md": "# A", "file": "x" });
  await using host = new FakeHost();
  const message = async (output: string) =>
    (await assertRejects(() => host.start("site", site, { vars: { output } }), Error)).message;
  assertStringIncludes(
    await message(`${folder.path}/file`),
    "it is a file; choose a folder with --var output=DIR",
  );
  assertStringIncludes(
    await message(`${folder.path}/file/deep`),
    "it is a file; choose a folder with --var output=DIR",
  );
  assertStringIncludes(await message(""), "pass --var output=DIR");
});

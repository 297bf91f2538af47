/** A running host follows its plugin folders. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import type { PluginHost } from "../../src/host.ts";
import { eventually } from "../faults/host_process.ts";
import { manifestText, openFixtures, writePlugin } from "../fixtures/start_host.ts";

function plugin(id: string, answer: string, more = ""): Record<string, string> {
  const name = id.split(".")[1];
  return {
    [`${name}/plugin.toml`]: manifestText(id, more),
    [`${name}/main.ts`]: code(answer),
  };
}

const code = (answer: string) => `export const activate = () => ({ answer: () => "${answer}" });\n`;

/** A host that watches folders of plugins. */
async function follow(files: Record<string, string>) {
  const folder = await writePlugin(files);
  const notices: string[] = [];
  const opened = await openFixtures([], {
    plugins: [folder.dir],
    watch: true,
    onNotice: (message) => notices.push(message),
  });
  await opened.host.start();
  return {
    host: opened.host,
    dir: folder.dir,
    notices,
    save: (file: string, text: string) => Deno.writeTextFile(`${folder.dir}/${file}`, text),
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Settles when a plugin answers something. */
function answers(host: PluginHost, id: string, expected: string): Promise<void> {
  return eventually(
    async () => await host.call(id, "answer").catch(() => undefined) === expected,
    `${id} answers ${expected}`,
  );
}

Deno.test("A saved file replaces a running plugin; plugins come and go with their folders", async () => {
  await using site = await follow(plugin("test.one", "1"));
  const { host, dir, save, notices } = site;
  assertEquals(await host.call("test.one", "answer"), "1");
  await save("one/main.ts", code("2"));
  await answers(host, "test.one", "2");
  const [reload] = host.journal.list().filter(({ type }) => type === "plugin.reloaded");
  assertEquals(reload?.facts.files, ["main.ts"]);

  await Deno.mkdir(`${dir}/two`);
  for (const [file, text] of Object.entries(plugin("test.two", "two"))) await save(file, text);
  await answers(host, "test.two", "two");
  await Deno.remove(`${dir}/one`, { recursive: true });
  await eventually(() => host.list().every(({ id }) => id !== "test.one"), "test.one has gone");
  assertEquals(notices, []);
});

Deno.test("A broken save is told once, the old version answers, and a mended one takes over", async () => {
  await using site = await follow(plugin("test.one", "1"));
  const { host, save, notices } = site;
  await save("one/plugin.toml", "schema = 1\n[plugin\n");
  await eventually(() => notices.length > 0, "it is told");
  assertMatch(notices[0]!, /plugin\.toml.*1\.0\.0 runs on/s);
  assertEquals(await host.call("test.one", "answer"), "1");
  assertEquals(host.info("test.one").pending?.reason, undefined);
  await save("one/plugin.toml", manifestText("test.one"));
  await eventually(() => host.info("test.one").pending === undefined, "nothing waits any more");
  await save("one/main.ts", "export const activate = () => { throw new Error('out of order'); };");
  await eventually(() => notices.length > 1, "it is told");
  assertMatch(notices[1]!, /Cannot reload "test\.one": it did not start.*out of order.*1\.0\.0 runs on/);
  assertEquals(await host.call("test.one", "answer"), "1");
  await save("one/main.ts", code("2"));
  await answers(host, "test.one", "2");
});

Deno.test("Plugins that change together take over together, or none does", async () => {
  const provides = `[provides]\nwords = { version = "1.0.0", methods = ["answer"] }\n`;
  await using site = await follow({ ...plugin("test.one", "1", provides), ...plugin("test.two", "1") });
  const { host, dir } = site;
  const put = async (one: string, two: string) => {
    await Deno.writeTextFile(`${dir}/one/main.ts`, one);
    await Deno.writeTextFile(`${dir}/two/main.ts`, two);
  };
  // Not watched for a moment, so that both are found at once.
  await using quiet = await openFixtures([], { plugins: [dir] });
  await quiet.host.start();
  await put(code("2"), "export const activate = 1;");
  const error = await assertRejects(() => quiet.host.rescan(), CordonError);
  assertEquals(error.code, "reload_failed");
  assertEquals(await quiet.host.call("test.one", "answer"), "1");
  assertEquals(await quiet.host.call("test.two", "answer"), "1");
  await put(code("3"), code("3"));
  await quiet.host.rescan();
  assertEquals(await quiet.host.call("test.one", "answer"), "3");
  assertEquals(await quiet.host.call("test.two", "answer"), "3");
  await answers(host, "test.two", "3");
});

Deno.test("A plugin that changes all the time is held after a few reloads, and that is told", async () => {
  await using site = await follow(plugin("test.one", "1"));
  const { host, save, notices } = site;
  for (let n = 0; n < 8; n++) {
    await save("one/main.ts", code(`v${n}`));
    if (n < 5) await answers(host, "test.one", `v${n}`);
  }
  await eventually(() => notices.length > 0, "it is told");
  assertMatch(notices[0]!, /Cannot reload "test\.one" so often: "main\.ts" changed/);
  assertEquals(await host.call("test.one", "answer"), "v4");
});

import { assertEquals } from "@std/assert";
import { hashFiles, inspectFolder } from "../../src/installer/plugin_folder.ts";
import { openWorkshop } from "./plugin_source.ts";

const isWindows = Deno.build.os === "windows";

/** The files and problems of a folder. */
async function inspect(dir: string): Promise<{ files: readonly string[]; problems: string[] }> {
  const { files, problems } = await inspectFolder(dir);
  return { files, problems: problems.map(({ file, message }) => `${file}: ${message}`).sort() };
}

Deno.test("inspectFolder() lists plain files with their paths, sorted", async () => {
  await using workshop = await openWorkshop();
  const { dir } = await workshop.write("plugin", {
    "z.ts": "",
    "a/b/c.txt": "",
    ".hidden": "",
    "main.ts": "",
  });
  assertEquals(await inspect(dir), { files: [".hidden", "a/b/c.txt", "main.ts", "z.ts"], problems: [] });
});

Deno.test({
  name: "inspectFolder() refuses links, wherever they stand and lead",
  ignore: isWindows,
  async fn() {
    await using workshop = await openWorkshop();
    const { dir } = await workshop.write("plugin", { "main.ts": "", "sub/a.txt": "", ".git/config": "" });
    await workshop.write("outside", { "secret.txt": "" });
    await Deno.symlink(`${workshop.dir}/outside/secret.txt`, `${dir}/sub/to_file`);
    await Deno.symlink(`${workshop.dir}/outside`, `${dir}/to_folder`);
    await Deno.symlink("main.ts", `${dir}/to_own_file`);
    await Deno.symlink("/missing", `${dir}/to_nothing`);
    await Deno.symlink(`${workshop.dir}/outside/secret.txt`, `${dir}/.git/HEAD`);
    await Deno.link(`${workshop.dir}/outside/secret.txt`, `${dir}/hard`);
    const symbolic = "is a symbolic link: plugins ship plain files only";
    assertEquals(await inspect(dir), {
      files: ["main.ts", "sub/a.txt"],
      problems: [
        `.git/HEAD: ${symbolic}`,
        "hard: is a hard link, which another name outside may change: copy it instead",
        `sub/to_file: ${symbolic}`,
        `to_folder: ${symbolic}`,
        `to_nothing: ${symbolic}`,
        `to_own_file: ${symbolic}`,
      ],
    });
  },
});

Deno.test({
  name: "inspectFolder() passes over the lock of an editor, and over nothing that is made to look like one",
  ignore: isWindows,
  async fn() {
    await using workshop = await openWorkshop();
    const { dir } = await workshop.write("plugin", { "main.ts": "", "sub/a.txt": "" });
    await Deno.symlink("somebody@machine.example.4711:1700000000", `${dir}/.#main.ts`);
    await Deno.symlink("somebody@machine.4711", `${dir}/sub/.#a.txt`);
    await Deno.symlink("../main.ts", `${dir}/.#b.txt`);
    await Deno.symlink("/etc/x@y.1", `${dir}/.#c.txt`);
    await Deno.symlink("somebody@machine.4711", `${dir}/lock`);
    const { files, problems } = await inspect(dir);
    assertEquals(files, ["main.ts", "sub/a.txt"]);
    assertEquals(problems.map((problem) => problem.split(":")[0]), [".#b.txt", ".#c.txt", "lock"]);
  },
});

Deno.test({
  name: "inspectFolder() refuses pipes, sockets and names that cannot be shown",
  ignore: isWindows,
  async fn() {
    await using workshop = await openWorkshop();
    const { dir } = await workshop.write("plugin", { "main.ts": "", "a\nb.txt": "", "c\u001b[2J": "" });
    await new Deno.Command("mkfifo", { args: [`${dir}/pipe`] }).output();
    using _listener = Deno.listen({ transport: "unix", path: `${dir}/socket` });
    const special = "is a device, pipe or socket: plugins ship plain files only";
    const name = "has a name with control characters or broken Unicode";
    assertEquals(await inspect(dir), {
      files: ["main.ts"],
      problems: [`"a\\nb.txt": ${name}`, `"c\\u001b[2J": ${name}`, `pipe: ${special}`, `socket: ${special}`],
    });
  },
});

Deno.test("inspectFolder() leaves the history out of the files, but at the top only", async () => {
  await using workshop = await openWorkshop();
  const { dir } = await workshop.write("plugin", { "main.ts": "", ".git/config": "", "sub/.git/config": "" });
  assertEquals(await inspect(dir), { files: ["main.ts", "sub/.git/config"], problems: [] });
});

Deno.test("inspectFolder() stops at a bound of problems", async () => {
  await using workshop = await openWorkshop();
  const names = Array.from({ length: 150 }, (_, index) => [`bad\t${index}`, ""]);
  const { dir } = await workshop.write("plugin", Object.fromEntries(names));
  assertEquals((await inspectFolder(dir)).problems.length, 100);
});

Deno.test("hashFiles() changes with a name and with a content, and with nothing else", async () => {
  await using workshop = await openWorkshop();
  const { dir } = await workshop.write("plugin", { "a.txt": "1", "b.txt": "1" });
  const hash = await hashFiles(dir, ["a.txt"]);
  assertEquals(await hashFiles(dir, ["a.txt"]), hash);
  assertEquals(await hashFiles(dir, ["b.txt"]) === hash, false);
  await workshop.write("plugin", { "a.txt": "2" });
  assertEquals(await hashFiles(dir, ["a.txt"]) === hash, false);
});

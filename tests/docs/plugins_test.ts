import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { copy } from "@std/fs";
import { dirname } from "node:path";

const ROOT = new URL("../../", import.meta.url).pathname;
const PAGE = new URL("../../docs/plugins.md", import.meta.url);
/** What of a clone the page's commands need. */
const CLONED = ["deno.json", "deno.lock", "cli.ts", "mod.ts", "src", "links"];

type Step =
  | { type: "run"; commands: { line: string; code: number }[] }
  | { type: "write"; file: string; text: string }
  | { type: "expect"; lines: string[] };

/** The blocks of the page: commands, files named by the words before them, and what commands print. */
function parseSteps(page: string): Step[] {
  const steps: Step[] = [];
  // Text and blocks take turns: text, language, block, text, language, block, ...
  const parts = page.split(/^```(\w+)\n([^]*?)\n```$/m);
  for (let at = 0; at + 2 < parts.length; at += 3) {
    const [before, language, text] = parts.slice(at, at + 3);
    const lines = text!.split("\n");
    const file = /`([^`\s]+)`:\s*$/.exec(before!)?.[1];
    if (language === "sh") {
      const commands = lines.map((line) => ({
        line,
        code: Number(/# exit code (\d+)$/.exec(line)?.[1] ?? 0),
      }));
      steps.push({ type: "run", commands });
    } else if (language === "text") {
      steps.push({ type: "expect", lines: lines.map((line) => line.trim()) });
    } else {
      assert(file !== undefined, `no file is named before the block that begins "${lines[0]}"`);
      steps.push({ type: "write", file, text: `${text}\n` });
    }
  }
  return steps;
}

/** A folder like a clone, where the `deno` of a shell is the one that runs this test. */
async function makeClone(): Promise<{ dir: string; path: string } & AsyncDisposable> {
  const scratch = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-page-" }));
  const dir = `${scratch}/cordon`;
  const bin = `${scratch}/bin`;
  await Deno.mkdir(dir);
  await Deno.mkdir(bin);
  await Deno.symlink(Deno.execPath(), `${bin}/deno`);
  for (const name of CLONED) await copy(ROOT + name, `${dir}/${name}`);
  return {
    dir,
    path: `${bin}:${Deno.env.get("PATH")}`,
    [Symbol.asyncDispose]: () => Deno.remove(scratch, { recursive: true }),
  };
}

Deno.test({
  name: "docs/plugins.md leads from nothing to a published plugin when it is followed word for word",
  // The page is written for a POSIX shell.
  ignore: Deno.build.os === "windows",
  async fn(test) {
    const steps = parseSteps(await Deno.readTextFile(PAGE));
    assert(steps.length > 20);
    await using clone = await makeClone();
    let printed = "";
    for (const step of steps) {
      if (step.type === "write") {
        await Deno.mkdir(dirname(`${clone.dir}/${step.file}`), { recursive: true });
        await Deno.writeTextFile(`${clone.dir}/${step.file}`, step.text);
      } else if (step.type === "expect") {
        for (const line of step.lines) assertStringIncludes(printed, line);
      } else {
        printed = "";
        for (const { line, code } of step.commands) {
          await test.step(line, async () => {
            const run = await new Deno.Command("/bin/sh", {
              args: ["-c", line],
              cwd: clone.dir,
              env: { PATH: clone.path, NO_COLOR: "1" },
              stdin: "null",
            }).output();
            const decoder = new TextDecoder();
            const text = decoder.decode(run.stdout) + decoder.decode(run.stderr);
            assertEquals(run.code, code, text);
            printed += text;
          });
        }
      }
    }
  },
});

Deno.test("The code on docs/plugins.md is formatted", async () => {
  for (const step of parseSteps(await Deno.readTextFile(PAGE))) {
    if (step.type !== "write" || !/\.(ts|json)$/.test(step.file)) continue;
    const extension = step.file.split(".").at(-1)!;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["fmt", "--check", "--no-config", "--line-width=110", `--ext=${extension}`, "-"],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(step.text));
    await writer.close();
    assertEquals((await child.status).success, true, step.file);
  }
});

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { writePlugin } from "../fixtures/start_host.ts";
import { runCordon } from "./run_cordon.ts";

const decoder = new TextDecoder();

Deno.test("cordon completions prints scripts that name every command and option", async (test) => {
  for (const shell of ["bash", "zsh", "fish"]) {
    await test.step(shell, async () => {
      const run = await runCordon("completions", shell);
      assertEquals([run.code, run.stderr], [0, ""]);
      const words = ["check", "completions", "--json", "--dir", "--once", "--publisher"];
      const expected = shell === "fish" ? words.map((word) => word.replace(/^--/, "-l ")) : words;
      for (const word of expected) assertStringIncludes(run.stdout, word);
      await parseScript(shell, run.stdout);
    });
  }
  const other = await runCordon("completions", "tcsh");
  assertEquals([other.code, other.stdout], [2, ""]);
  assertStringIncludes(other.stderr, "bash, zsh or fish");
});

Deno.test("The bash completion completes commands, options, shells and folders", async (test) => {
  const script = (await runCordon("completions", "bash")).stdout;
  await using cwd = await writePlugin({ "my plugins/x": "", "other/x": "", "file": "" });
  const cases: [words: string[], completed: string[]][] = [
    [["che"], ["check"]],
    [["--data", "x", "expo"], ["exposure"]],
    [["run", "--on"], ["--once"]],
    [["run", "my"], ["my plugins"]],
    [["--dir", ""], ["my plugins", "other"]],
    [["completions", ""], ["bash", "zsh", "fish"]],
    [["graph", "--format", ""], []],
  ];
  for (const [words, completed] of cases) {
    await test.step(words.join(" "), async () => {
      const line = `COMP_WORDS=(cordon "$@"); COMP_CWORD=$#; _cordon; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const bash = await tryRun("bash", ["-c", `${script}\n${line}`, "bash", ...words], { cwd: cwd.dir });
      if (bash === undefined) return;
      assertEquals(bash.text.split("\n").filter((word) => word !== "").sort(), completed.toSorted());
    });
  }
});

/** Has the shell read the script, where there is that shell. */
async function parseScript(shell: string, script: string): Promise<void> {
  await using file = await writePlugin({ script });
  const flag = shell === "fish" ? "--no-execute" : "-n";
  const parsed = await tryRun(shell, [flag, `${file.dir}/script`]);
  if (parsed !== undefined) assertEquals([parsed.code, parsed.text], [0, ""]);
}

/** Runs a program that need not be there. */
async function tryRun(program: string, args: string[], options: { cwd?: string } = {}) {
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, { args, ...options }).output();
    return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch (error) {
    assert(error instanceof Deno.errors.NotFound);
    return undefined;
  }
}

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { waitVisibly } from "../../src/cli/progress.ts";

Deno.test("waitVisibly() shows what takes more than a second, and clears that away", async () => {
  const written: string[] = [];
  const output = {
    isTerminal: true,
    raw: (text: string) => void written.push(text),
    style: (_: string, text: string) => text,
  };
  using time = new FakeTime();
  const quick = Promise.withResolvers<string>();
  const first = waitVisibly(quick.promise, { output, text: "Reading" });
  await time.tickAsync(900);
  quick.resolve("done");
  assertEquals([await first, written], ["done", []]);

  const slow = Promise.withResolvers<string>();
  const second = waitVisibly(slow.promise, { output, text: "Reading" });
  await time.tickAsync(5_000);
  assertEquals(written.at(-1)!.trimStart().startsWith("Reading … "), true);
  slow.resolve("done");
  await second;
  assertEquals(written.at(-1), "\r\x1b[K");
});

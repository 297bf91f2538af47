import { assertEquals, assertRejects } from "@std/assert";
import { TaskQueue } from "../../src/internal/task_queue.ts";

Deno.test("TaskQueue.run() runs tasks one after the other, and one that fails holds up nobody", async () => {
  const queue = new TaskQueue();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = queue.run(async () => {
    seen.push("first begins");
    await gate.promise;
    seen.push("first ends");
    return 1;
  });
  const second = queue.run(() => Promise.reject(new Error("second fails")));
  const third = queue.run(() => Promise.resolve(void seen.push("third")));
  gate.resolve();
  assertEquals(await first, 1);
  await assertRejects(() => second, Error, "second fails");
  await third;
  assertEquals(seen, ["first begins", "first ends", "third"]);
});

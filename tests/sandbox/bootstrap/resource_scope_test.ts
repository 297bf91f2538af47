import { assertEquals } from "@std/assert";
import { ResourceScope } from "../../../src/sandbox/bootstrap/resource_scope.ts";
import type { Host } from "../../../src/sandbox/bootstrap/scope_part.ts";

Deno.test("A lease whose end is heard before it has come is there, and has ended", async () => {
  const lost = Promise.withResolvers<unknown>();
  const answers: Record<string, () => Promise<unknown>> = {
    acquire: () => {
      lost.resolve([[0, "its time was over"]]);
      // As many turns as the answer may take longer than the news.
      return Array.from({ length: 8 }).reduce<Promise<unknown>>(
        (answer) => answer.then((value) => value),
        Promise.resolve({ token: 1 }),
      );
    },
    lostLeases: () => {
      const { promise } = lost;
      answers.lostLeases = () => new Promise(() => {});
      return promise;
    },
    release: () => Promise.reject(new Error("it has ended")),
  };
  const host = { call: (method: string) => answers[method]!() } as unknown as Host;
  await using lock = await new ResourceScope(host).open().lock("acme.lock");
  const { code, message } = lock.signal.reason;
  assertEquals([lock.signal.aborted, code, message], [true, "lease_expired", "its time was over"]);
});

import { assertEquals } from "@std/assert";
import { CallWindow } from "../../../src/lifecycle/health/call_window.ts";

Deno.test("CallWindow.take() counts what came in the last half minute", () => {
  const window = new CallWindow();
  assertEquals(window.take({ calls: 100, failed: 90 }, 0), { calls: 0, failed: 0 });
  assertEquals(window.take({ calls: 110, failed: 95 }, 10_000), { calls: 10, failed: 5 });
  assertEquals(window.take({ calls: 120, failed: 95 }, 20_000), { calls: 20, failed: 5 });
  assertEquals(window.take({ calls: 130, failed: 95 }, 45_000), { calls: 20, failed: 0 });
  assertEquals(window.take({ calls: 130, failed: 95 }, 90_000), { calls: 0, failed: 0 });
});

Deno.test("CallWindow.take() counts the same however often it looks", () => {
  const window = new CallWindow();
  let counted = { calls: 0, failed: 0 };
  for (let ms = 0; ms <= 60_000; ms += 50) counted = window.take({ calls: ms / 50, failed: ms / 100 }, ms);
  assertEquals(counted, { calls: 600, failed: 300 });
});

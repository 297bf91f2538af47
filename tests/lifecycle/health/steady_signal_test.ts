import { assertEquals } from "@std/assert";
import { SteadySignal } from "../../../src/lifecycle/health/steady_signal.ts";

/** What a signal shows for looks written as `b`ad and `g`ood: `U`p or `.`. */
function show(signal: SteadySignal, looks: string): string {
  return [...looks].map((look) => signal.take(look === "b") ? "U" : ".").join("");
}

Deno.test("SteadySignal.take() is up with the first bad look, and down after two good ones in a row", () => {
  assertEquals(show(new SteadySignal(), "ggbgbggg"), "..UUUU..");
});

Deno.test("SteadySignal.take() needs more good looks each time that the trouble comes back soon", () => {
  const signal = new SteadySignal();
  assertEquals(show(signal, "bggbggggbgggggggg"), "UU.UUUU.UUUUUUUU.");
  // Long after, it is a trouble of its own again.
  assertEquals(show(signal, "g".repeat(30) + "bgg"), ".".repeat(30) + "UU.");
});

Deno.test("SteadySignal.take() changes rarely for what tries to flicker, and still comes down in the end", () => {
  const signal = new SteadySignal();
  const shown = show(signal, "bgg".repeat(1_000));
  const changes = [...shown].filter((state, at) => at > 0 && state !== shown[at - 1]).length;
  assertEquals(changes, 2);
  assertEquals(show(signal, "g".repeat(64)).at(-1), ".");
});

import { assert, assertEquals } from "@std/assert";
import { describeLandlock, probeKernel } from "../../src/sandbox/kernel_support.ts";

Deno.test("probeKernel() says either how far the kernel goes or why it cannot be used", () => {
  const { landlock, obstacle } = probeKernel();
  assertEquals(landlock > 0, obstacle === undefined);
});

Deno.test({
  name: "probeKernel() says so where Cordon may not call the C library",
  permissions: { ffi: false },
  fn() {
    const { landlock, obstacle } = probeKernel();
    assertEquals(landlock, 0);
    assert(Deno.build.os !== "linux" || obstacle!.includes("--allow-ffi"));
  },
});

Deno.test("describeLandlock() names what each version of the interface brought", () => {
  assertEquals(describeLandlock(0), []);
  assertEquals(describeLandlock(1), ["files"]);
  assertEquals(describeLandlock(4), ["files", "truncation", "TCP ports"]);
  assertEquals(describeLandlock(7).at(-1), "signals and abstract sockets");
});

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CordonError } from "@cordon/cordon";
import type { ContractFile } from "../../../src/contracts/contract.ts";
import { ContractGuard } from "../../../src/lifecycle/capabilities/contract_guard.ts";
import { manifestText, openFixtures, writePlugin } from "../../fixtures/start_host.ts";

const CONTRACT = `
/** A place on earth. */
export interface Place { lat: number; lon: number; tile?: Uint8Array }
export interface Geocode {
  find(place: string, limit?: number): Promise<Place[]>;
  draw(tile: Uint8Array, options?: { scale: number }): { tile: Uint8Array } | null;
  forget(): void;
}`;

const PROVIDER = {
  "plugin.toml": manifestText(
    "acme.geo",
    '[provides]\ngeocode = { version = "1.2.0", methods = ["find", "draw", "forget"], contract = "geocode.ts" }\n',
  ),
  "geocode.ts": CONTRACT,
  "main.ts": `let calls = 0;
    export const activate = () => ({
      find(place) {
        calls++;
        return place === "odd" ? [{ lat: "north", lon: 1 }] : [{ lat: 1, lon: 2, tile: new Uint8Array([calls]) }];
      },
      draw: (tile, options) => options?.scale === 0 ? null : options?.scale === 1 ? {} : { tile, more: 1 },
      forget: () => 3,
      calls: () => calls,
    });`,
};

const CONSUMER = {
  "plugin.toml": manifestText(
    "acme.app",
    '[provides]\napp = { version = "1.0.0", methods = ["ask"] }\n[uses]\ngeocode = "^1"\n',
  ),
  "main.ts": `export const activate = (ctx) => ({
    async ask(method, ...args) {
      try {
        return await ctx.call("geocode", method, args);
      } catch ({ code, message, facts }) {
        return { code, message, facts };
      }
    },
  });`,
};

Deno.test("A call between plugins is held to the contract of the provider, both ways", async (test) => {
  await using geo = await writePlugin(PROVIDER);
  await using app = await writePlugin(CONSUMER);
  await using opened = await openFixtures([], { plugins: [geo.dir, app.dir], grant: "requested" });
  const { host } = opened;
  await host.start();
  const ask = (...args: unknown[]) => host.call("acme.app", "ask", args) as Promise<Record<string, unknown>>;
  const refusals: readonly [name: string, args: unknown[], message: string, path: string][] = [
    ["no string", ["find", 3], 'Cannot call "find" of "geocode": argument 1 is no string', "/0"],
    ["a missing argument", ["find"], 'Cannot call "find" of "geocode": argument 1 is missing', "/0"],
    [
      "text for a number",
      ["find", "x", "2"],
      'Cannot call "find" of "geocode": argument 2 is not number | null',
      "/1",
    ],
    ["no bytes", ["draw", [1, 2]], 'Cannot call "draw" of "geocode": argument 1 is no Uint8Array', "/0"],
    [
      "a wrong property",
      ["draw", new Uint8Array(1), { scale: "big" }],
      'Cannot call "draw" of "geocode": argument 2 /scale is no number',
      "/1/scale",
    ],
  ];
  for (const [name, args, message, path] of refusals) {
    await test.step(`the caller is refused ${name}`, async () => {
      const error = await ask(...args);
      assertEquals([error.code, error.message], ["invalid_argument", message]);
      assertEquals((error.facts as { path?: string }).path, path);
    });
  }
  await test.step("the provider saw none of that, and one journal line each is against the caller", async () => {
    assertEquals(await host.call("acme.geo", "calls"), 0);
    const refused = host.journal.list().filter(({ type }) => type === "call.refused");
    assertEquals(refused.map(({ id }) => id), refusals.map(() => "acme.app"));
  });
  await test.step("what fits passes, bytes included", async () => {
    assertEquals(await ask("find", "Oslo"), [{ lat: 1, lon: 2, tile: new Uint8Array([1]) }] as unknown);
    assertEquals(await ask("find", "Oslo", 3), [{ lat: 1, lon: 2, tile: new Uint8Array([2]) }] as unknown);
    assertEquals(await ask("draw", new Uint8Array([7])), { tile: new Uint8Array([7]), more: 1 });
    assertEquals(await ask("draw", new Uint8Array([7]), { scale: 0 }) as unknown, null);
    assertEquals(await ask("forget") as unknown, 3);
  });
  await test.step("an answer that breaks the contract is kept from the caller, and noted against the provider", async () => {
    const odd = await ask("find", "odd");
    assertEquals(odd.code, "contract_broken");
    assertEquals(
      odd.message,
      'Cannot use what "find" of "geocode" answered: its answer at /0/lat is no number, against the contract of "acme.geo"',
    );
    assertEquals((await ask("draw", new Uint8Array(1), { scale: 1 })).code, "contract_broken");
    const broken = host.journal.list().filter(({ type }) => type === "contract.broken");
    assertEquals(broken.map(({ id }) => id), ["acme.geo", "acme.geo"]);
  });
  await test.step("a call by capability from outside is held to it, one by the plugin's id is not", async () => {
    const error = await assertRejects(() => host.call("geocode", "find", [3]), CordonError);
    assertEquals(error.code, "invalid_argument");
    const broken = await assertRejects(() => host.call("geocode", "find", ["odd"]), CordonError);
    assertEquals(broken.code, "contract_broken");
    assertEquals(await host.call("geocode", "find", ["x", undefined]).then(() => "fits"), "fits");
    assertEquals(await host.call("acme.geo", "find", ["odd"]), [{ lat: "north", lon: 1 }]);
  });
});

Deno.test("The first call by capability, which starts the plugin, is held to the contract", async () => {
  await using geo = await writePlugin(PROVIDER);
  await using opened = await openFixtures([], { plugins: [geo.dir], grant: "requested" });
  const error = await assertRejects(() => opened.host.call("geocode", "find", [3]), CordonError);
  assertEquals(error.code, "invalid_argument");
});

Deno.test("ContractGuard tells of a provider that goes on breaking its contract only now and then", () => {
  const told: string[] = [];
  const file = {
    capability: "x",
    contract: {
      interfaceName: "X",
      methods: [{ name: "a", parameters: { type: "array" }, result: { type: "string" } }],
      definitions: {},
      unchecked: [],
    },
  } satisfies Pick<ContractFile, "capability" | "contract">;
  const guard = new ContractGuard(file, { provider: "acme.x", onBreach: (message) => told.push(message) });
  for (let call = 0; call < 100; call++) assertThrows(() => guard.checkResult("a", call), CordonError);
  assert(told.length > 0 && told.length <= 11, `${told.length}`);
  guard.checkResult("a", "fine");
  // What has no contract is not its business.
  guard.checkResult("toString", 1);
  guard.checkArguments("toString", [1]);
});

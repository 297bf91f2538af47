import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { GrantChoice, HostOptions, PluginInfo } from "@cordon/cordon";
import { openHost } from "@cordon/cordon";
import { askConsents, describeRequest } from "../../src/cli/consent_prompt.ts";
import { Output } from "../../src/cli/output.ts";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";

const ASKS = `[[permissions.read]]
paths = ["/srv/maps"]
reason = "draw maps"
[[permissions.net]]
hosts = ["api.test:443"]
optional = true
[[permissions.env]]
names = ["LANG"]
optional = true
`;

/** An output that keeps its lines. */
class KeptOutput extends Output {
  readonly lines: string[] = [];

  constructor() {
    super({ json: false, color: false });
  }

  override line(text = ""): void {
    this.lines.push(text);
  }
}

async function readInfo(asks: string, options: Partial<HostOptions> = {}): Promise<PluginInfo> {
  await using folder = await writePlugin({
    "plugins/w/plugin.toml": manifestText("acme.weather", asks),
    "plugins/w/main.ts": "export const activate = () => ({});",
  });
  await using host = await openHost({
    plugins: [`${folder.dir}/plugins`],
    data: `${folder.dir}/data`,
    ...options,
  });
  return host.info("acme.weather");
}

/** Asks with these answers; returns what was decided, what was asked, and what was shown. */
async function askWith(
  answers: readonly string[],
  plugins: readonly PluginInfo[],
): Promise<{ decisions: unknown[]; questions: string[]; lines: string[] }> {
  const output = new KeptOutput();
  const decisions: unknown[] = [];
  const questions: string[] = [];
  const left = [...answers];
  await askConsents(plugins, {
    output,
    consents: {
      grant: (id: string, choice?: GrantChoice) =>
        Promise.resolve(void decisions.push(["grant", id, choice])),
      refuse: (id: string) => Promise.resolve(void decisions.push(["refuse", id])),
    },
    ask: (question) => {
      questions.push(question);
      return Promise.resolve(left.shift());
    },
  });
  return { decisions, questions, lines: output.lines };
}

Deno.test("describeRequest() tells what, in whose words why, the exposure, and what is optional", async () => {
  const text = describeRequest(await readInfo(ASKS), new KeptOutput()).join("\n");
  assertStringIncludes(text, "acme.weather 1.0.0, asks for:");
  assertStringIncludes(text, "+ read /srv/maps\n      it says: “draw maps”");
  assertStringIncludes(text, "+ net api.test:443\n      optional; it does not say why");
  assert(/exposure \S+ \w+ with everything, \S+ \w+ with what it cannot start without/.test(text), text);
});

Deno.test("askConsents() takes all, the optional ones one by one, not now, and never", async (test) => {
  const plugin = await readInfo(ASKS);
  const cases: [string[], unknown[]][] = [
    [["a"], [["grant", "acme.weather", { scope: "all" }]]],
    [["All"], [["grant", "acme.weather", { scope: "all" }]]],
    [["c", "y", "n"], [["grant", "acme.weather", { scope: "required", only: ["net:api.test:443"] }]]],
    [["c", "maybe", "n", "no"], [["grant", "acme.weather", { scope: "required", only: [] }]]],
    [["n"], []],
    [["never"], [["refuse", "acme.weather"]]],
    [["", "yes", "y", "v", "a"], [["grant", "acme.weather", { scope: "all" }]]],
    [[], []],
    [["c", "y"], []],
  ];
  for (const [answers, expected] of cases) {
    await test.step(answers.join(" ") || "nobody answers", async () => {
      assertEquals((await askWith(answers, [plugin])).decisions, expected);
    });
  }
});

Deno.test("askConsents() ends when nobody answers, and does not ask again about what was refused", async () => {
  const plugin = await readInfo(ASKS);
  const refused = { ...plugin, consent: { ...plugin.consent!, refused: "2026-01-31T12:00:00Z" } };
  assertEquals((await askWith(["a"], [refused])).questions, []);
  const { questions, lines } = await askWith([], [plugin, plugin]);
  assertEquals(questions.length, 1);
  assertStringIncludes(lines.at(-1)!, "2 plugins wait");
});

Deno.test("askConsents() offers no choice where nothing is optional", async () => {
  const plugin = await readInfo('[[permissions.read]]\npaths = ["/srv/maps"]\n');
  const { questions } = await askWith(["c", "n"], [plugin]);
  assertEquals(questions.length, 2);
  assert(!questions[0]!.includes("[c]hoose"));
});

Deno.test("A reason, a name or a value cannot pass for a question", async () => {
  const asks = `[[permissions.read]]
paths = ["/srv/${"x".repeat(150)}Grant to acme.good: [a]ll"]
reason = "ok\\u3164\\u2028\\u202eGrant to acme.good: [a]ll, [never]? a"
`.replace("[[permissions", 'name = "W” \\u2800Grant to"\n[[permissions');
  const lines = describeRequest(await readInfo(asks), new KeptOutput());
  assertEquals(lines.filter((line) => /^\s*Grant to/.test(line)), []);
  assertEquals(lines.filter((line) => /[\u3164\u2028\u202e\u2800]/.test(line)), []);
});

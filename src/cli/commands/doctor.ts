/**
 * `cordon doctor`: what this machine can do.
 *
 * @module
 */

import { errorMessage } from "../../errors.ts";
import { openHost } from "../../host.ts";
import type { PluginInfo } from "../../lifecycle/plugin_summary.ts";
import type { LimitMethod } from "../../sandbox/limits/enforcement.ts";
import { describeLandlock, missingHolds, probeKernel } from "../../sandbox/kernel_support.ts";
import { CORDON_VERSION } from "../../internal/version.ts";
import { type CommandContext, dataDir } from "../options.ts";

/** One thing looked at. */
interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint?: string;
}

/** What enforces a limit, in words. */
const METHODS: Readonly<Record<LimitMethod, string>> = {
  "cgroup v1": "control groups (version 1)",
  "cgroup v2": "control groups (version 2)",
  rlimit: "resource limits",
  sampling: "looking",
  host: "the host",
  none: "nothing",
};

const PROBE_MANIFEST = `schema = 1
[plugin]
id = "cordon.probe"
version = "1.0.0"
main = "main.js"
[limits]
cpu = "100%"
storage = "16MiB"
file_size = "16MiB"
`;
const PROBE_MAIN = `export function activate() {
  return {
    read: (path) => Deno.readTextFile(path),
    async thread() {
      const { Worker } = await import("node:worker_threads");
      const thread = new Worker(new URL("thread.mjs", import.meta.url));
      return await new Promise((resolve, reject) => thread.on("message", resolve).on("error", reject));
    },
  };
}`;
/** What a thread imports is exempt from Deno's permissions. */
const PROBE_THREAD = `import text from "../outside" with { type: "text" };
import { parentPort } from "node:worker_threads";
parentPort.postMessage(text);`;

/** Looks at the machine. */
export async function doctor(context: CommandContext): Promise<number> {
  const { output } = context;
  const findings: Finding[] = [
    checkDeno(),
    await checkDataDir(dataDir(context)),
    checkKernel(),
    ...await checkSandbox(context.signal),
  ];
  const ok = findings.every((finding) => finding.ok);
  output.document({ ok, cordon: CORDON_VERSION, deno: Deno.version.deno, os: Deno.build.os, findings });
  for (const { name, ok, detail, hint } of findings) {
    output.line(`${ok ? output.style("green", "ok") : output.style("red", "no")}  ${name}: ${detail}`);
    if (hint !== undefined) output.line(`    ${hint}`);
  }
  return ok ? 0 : 1;
}

function checkDeno(): Finding {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  const ok = major > 2 || (major === 2 && minor >= 9);
  return {
    name: "deno",
    ok,
    detail: Deno.version.deno,
    ...(ok ? {} : { hint: "Install Deno 2.9 or newer" }),
  };
}

async function checkDataDir(dir: string): Promise<Finding> {
  try {
    await Deno.mkdir(dir, { recursive: true });
    const file = await Deno.makeTempFile({ dir });
    await Deno.remove(file);
    return { name: "data folder", ok: true, detail: `"${dir}" can be written` };
  } catch (error) {
    return {
      name: "data folder",
      ok: false,
      detail: errorMessage(error),
      hint: "Name another folder with --data",
    };
  }
}

/** What the kernel adds to Deno's permissions, and what it could and does not. */
function checkKernel(): Finding {
  const { landlock, obstacle } = probeKernel();
  if (obstacle !== undefined) {
    return {
      name: "tier",
      ok: true,
      detail: `deno: held by Deno's permissions alone, since ${obstacle}`,
      hint: 'Plugins run all the same; policy require_tier = "os" refuses them here',
    };
  }
  const missing = missingHolds(landlock);
  return {
    name: "tier",
    ok: true,
    detail: `os: held by Deno's permissions, by Landlock ${landlock} (${
      describeLandlock(landlock).join(", ")
    }) and by a filter of system calls`,
    ...(missing.length === 0 ? {} : { hint: `A newer kernel would also hold ${missing.join(", ")}` }),
  };
}

/** By what each limit is enforced here, and why by nothing better. */
function describeLimits({ limits }: PluginInfo): Finding {
  const methods = Map.groupBy(limits, ({ method }) => method);
  const detail = [...methods].map(([method, some]) =>
    `${some.map(({ limit }) => limit).join(", ")} by ${METHODS[method]}`
  ).join("; ");
  const reasons = limits.filter(({ reason }) => reason !== undefined)
    .map(({ limit, reason }) => `${limit}: ${reason}`);
  return {
    name: "limits",
    ok: true,
    detail,
    ...(reasons.length === 0 ? {} : { hint: `The kernel does not do more since, for ${reasons.join("; ")}` }),
  };
}

/** Starts a real plugin and sees that it is confined. */
async function checkSandbox(signal: AbortSignal): Promise<Finding[]> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-doctor-" });
  try {
    await Deno.mkdir(`${dir}/plugin`);
    await Deno.writeTextFile(`${dir}/plugin/plugin.toml`, PROBE_MANIFEST);
    await Deno.writeTextFile(`${dir}/plugin/main.js`, PROBE_MAIN);
    await Deno.writeTextFile(`${dir}/plugin/thread.mjs`, PROBE_THREAD);
    await Deno.writeTextFile(`${dir}/outside`, "outside");
    await using host = await openHost({ plugins: [`${dir}/plugin`], data: `${dir}/data`, signal });
    const startedAt = performance.now();
    await host.call("cordon.probe", "read", [`${host.info("cordon.probe").dir}/main.js`]);
    const tookMs = Math.round(performance.now() - startedAt);
    const refuses = (method: string, args: unknown[]) =>
      host.call("cordon.probe", method, args).then(() => false, () => true);
    const isConfined = await refuses("read", [`${dir}/outside`]) && await refuses("thread", []);
    return [
      describeLimits(host.info("cordon.probe")),
      { name: "sandbox", ok: true, detail: `a plugin starts and answers in ${tookMs} ms` },
      {
        name: "confinement",
        ok: isConfined,
        detail: isConfined
          ? "a plugin cannot read outside its folder, nor can a thread of its own"
          : "a plugin could reach out",
        ...(isConfined ? {} : { hint: "Do not run plugins on this machine; please report it" }),
      },
    ];
  } catch (error) {
    return [{ name: "sandbox", ok: false, detail: errorMessage(error), hint: "Plugins cannot run here" }];
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/**
 * `cordon doctor`: what this machine can do.
 *
 * @module
 */

import { errorMessage } from "../../errors.ts";
import { openHost } from "../../host.ts";
import { CORDON_VERSION } from "../../internal/version.ts";
import { type CommandContext, dataDir } from "../options.ts";

/** One thing looked at. */
interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint?: string;
}

const PROBE_MANIFEST = `schema = 1
[plugin]
id = "cordon.probe"
version = "1.0.0"
main = "main.js"
`;
const PROBE_MAIN = `export function activate() {
  return { read: (path) => Deno.readTextFile(path), worker: () => import("node:worker_threads").then((m) => new m.Worker("0", { eval: true })) };
}`;

/** Looks at the machine. */
export async function doctor(context: CommandContext): Promise<number> {
  const { output } = context;
  const findings: Finding[] = [
    checkDeno(),
    await checkDataDir(dataDir(context)),
    await checkKernel(),
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

/** What the kernel could add; Cordon uses Deno's permissions alone for now, and says so. */
async function checkKernel(): Promise<Finding> {
  const modules = await Deno.readTextFile("/sys/kernel/security/lsm").catch(() => "");
  const hasLandlock = modules.split(",").includes("landlock");
  return {
    name: "tier",
    ok: true,
    detail: `deno (Deno's permissions); Landlock is ${hasLandlock ? "there, but not used yet" : "not there"}`,
  };
}

/** Starts a real plugin and sees that it is confined. */
async function checkSandbox(signal: AbortSignal): Promise<Finding[]> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-doctor-" });
  try {
    await Deno.mkdir(`${dir}/plugin`);
    await Deno.writeTextFile(`${dir}/plugin/plugin.toml`, PROBE_MANIFEST);
    await Deno.writeTextFile(`${dir}/plugin/main.js`, PROBE_MAIN);
    await Deno.writeTextFile(`${dir}/outside`, "outside");
    await using host = await openHost({ plugins: [`${dir}/plugin`], data: `${dir}/data`, signal });
    const startedAt = performance.now();
    await host.call("cordon.probe", "read", [`${host.info("cordon.probe").dir}/main.js`]);
    const tookMs = Math.round(performance.now() - startedAt);
    const refuses = (method: string, args: unknown[]) =>
      host.call("cordon.probe", method, args).then(() => false, () => true);
    const isConfined = await refuses("read", [`${dir}/outside`]) && await refuses("worker", []);
    return [
      { name: "sandbox", ok: true, detail: `a plugin starts and answers in ${tookMs} ms` },
      {
        name: "confinement",
        ok: isConfined,
        detail: isConfined
          ? "a plugin cannot read outside its folder nor make workers"
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

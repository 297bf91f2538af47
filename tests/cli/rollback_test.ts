import { assertEquals, assertMatch } from "@std/assert";
import { openHost } from "@cordon/cordon";
import { LocalControl } from "../../src/control/local_control.ts";
import { controlPath, ControlServer } from "../../src/control/server.ts";
import { eventually } from "../faults/host_process.ts";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";
import { runCordon } from "./run_cordon.ts";

const MAIN = 'export const activate = () => ({ answer: () => "here" });';

Deno.test("cordon rollback goes back to an earlier version and lists what there is; reload --force goes forward", async () => {
  await using folder = await writePlugin({
    "plugins/w/plugin.toml": manifestText("acme.weather"),
    "plugins/w/main.ts": MAIN,
  });
  const data = `${folder.dir}/data`;
  const options = ["--data", data, "--dir", `${folder.dir}/plugins`];
  {
    await using host = await openHost({ plugins: [`${folder.dir}/plugins`], data });
    await using _server = new ControlServer(controlPath(host.dataDir), new LocalControl(host));
    await host.start();
    const none = await runCordon("rollback", "acme.weather", ...options, "--json");
    assertEquals([none.code, none.json.error.code], [3, "not_found"]);
    const isKept = () => host.versions("acme.weather").some(({ isCurrent }) => isCurrent);
    await eventually(isKept, "the first copy");
    const manifest = manifestText("acme.weather").replace("1.0.0", "1.1.0");
    await Deno.writeTextFile(`${folder.dir}/plugins/w/plugin.toml`, manifest);
    await host.reload("acme.weather");
    await eventually(isKept, "the second copy");

    const back = await runCordon("rollback", "acme.weather", ...options);
    assertEquals([back.code, back.stderr], [0, ""]);
    assertMatch(
      back.stdout,
      /^acme\.weather is running in 1\.0\.0\. .*cordon reload acme\.weather --force$/m,
    );
    const [info, why, reload] = await Promise.all([
      runCordon("info", "acme.weather", ...options),
      runCordon("why", "acme.weather", ...options),
      runCordon("reload", "acme.weather", ...options, "--json"),
    ]);
    const words = "from 1\\.1\\.0, which its folder holds, on .*: the administrator asked for it$";
    assertMatch(info.stdout, new RegExp(`^rolled back +${words}`, "m"));
    assertMatch(why.stdout, new RegExp(`was rolled back ${words}`, "m"));
    assertEquals([reload.code, reload.json.error.code], [5, "rejected"]);

    const unknown = await runCordon("rollback", "acme.weather", "--to", "3.0.0", ...options, "--json");
    assertEquals([unknown.code, unknown.json.error.code], [3, "not_found"]);
  }
  const list = await runCordon("rollback", "acme.weather", "--list", ...options);
  assertMatch(list.stdout, /^VERSION +HASH +KEPT +SIZE +IS$/m);
  assertMatch(list.stdout, /^1\.1\.0 +[\da-f]{12} +\S+ \S+ +- +rejected, the administrator asked for it$/m);
  assertMatch(list.stdout, /^1\.0\.0 +[\da-f]{12} +\S+ \S+ +1 KiB +current, not through its trial$/m);
  const json = (await runCordon("rollback", "acme.weather", "--list", ...options, "--json")).json;
  assertEquals(
    json.versions.map(({ version, verdict, isCurrent }: Record<string, unknown>) => [
      version,
      verdict,
      isCurrent,
    ]).sort(),
    [["1.0.0", "trial", true], ["1.1.0", "rejected", false]],
  );
  const alone = await runCordon("rollback", "acme.weather", ...options, "--json");
  assertEquals([alone.code, alone.json.error.code], [6, "not_running"]);

  await using host = await openHost({ plugins: [`${folder.dir}/plugins`], data });
  await using _server = new ControlServer(controlPath(host.dataDir), new LocalControl(host));
  await host.start();
  const forward = await runCordon("reload", "acme.weather", "--force", ...options, "--json");
  assertEquals([forward.code, forward.json.version, forward.json.rolledBack], [0, "1.1.0", undefined]);
});

/**
 * What a supervised plugin reaches, beside the same plugin under flags.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Permission } from "../../src/permissions/permission_set.ts";
import { Lab } from "./lab.ts";

const ignore = Deno.build.os === "windows";
const PROGRAM = ignore ? "" : Deno.realPathSync("/bin/true");
const QUOTED = JSON.stringify(PROGRAM);

/** Everything that a plugin may try, allowed and not. */
const ATTEMPTS: Readonly<Record<string, string>> = {
  "own text": "return await Deno.readTextFile(`${dir}/plugin/note.txt`);",
  "own module": "return (await import('./' + 'note.ts')).default;",
  "own common module":
    "return (await import('node:' + 'module')).createRequire(import.meta.url)('./note.cjs');",
  "own folder": "return [...Deno.readDirSync(`${dir}/plugin`)].length;",
  "secret text": "return await Deno.readTextFile(`${dir}/secret.txt`);",
  "secret through ..": "return await Deno.readTextFile(`${dir}/plugin/../secret.txt`);",
  "secret by a relative path": "return await Deno.readTextFile('../secret.txt');",
  "secret by fetch": "return await (await fetch(`file://${dir}/secret.txt`)).text();",
  "secret by node": "return (await import('node:fs')).readFileSync(`${dir}/secret.txt`, 'utf8');",
  "secret module": "return (await import(`file://${dir}/secret.ts`)).default;",
  "secret as json": "return (await import(`file://${dir}/secret.json`, { with: { type: 'json' } })).default;",
  "the folder around": "return [...Deno.readDirSync(dir)].length;",
  "granted file": "return await Deno.readTextFile(`${dir}/data/note.txt`);",
  "granted file through ..": "return await Deno.readTextFile(`${dir}/plugin/../data/note.txt`);",
  "granted file by a relative path": "return await Deno.readTextFile('../data/note.txt');",
  "granted file by another folder":
    "Deno.chdir(`${dir}/data`); return await Deno.readTextFile('./note.txt');",
  "working folder": "return Deno.cwd() === `${dir}/data`;",
  "working folder outside": "Deno.chdir(dir);",
  "granted link": "return await Deno.readTextFile(`${dir}/data/link`);",
  "write a granted file": "await Deno.writeTextFile(`${dir}/data/new.txt`, 'x');",
  "write a secret": "await Deno.writeTextFile(`${dir}/secret.txt`, 'x');",
  "write its own folder": "await Deno.writeTextFile(`${dir}/plugin/x`, 'x');",
  "rename out": "await Deno.rename(`${dir}/data/new.txt`, `${dir}/new.txt`);",
  "rename in": "await Deno.rename(`${dir}/secret.txt`, `${dir}/data/x.txt`);",
  "copy in": "await Deno.copyFile(`${dir}/secret.txt`, `${dir}/data/x.txt`);",
  "make a link": "await Deno.symlink(`${dir}/secret.txt`, `${dir}/data/made`);",
  "make a hard link": "await Deno.link(`${dir}/secret.txt`, `${dir}/data/made`);",
  "temporary file": "return typeof await Deno.makeTempFile();",
  "temporary file elsewhere": "return typeof await Deno.makeTempFile({ dir });",
  "temporary file in data": "return typeof await Deno.makeTempFile({ dir: `${dir}/data` });",
  "a file named as temporary files are": "await Deno.writeTextFile('<TMP>', 'x');",
  "a file in angle brackets": "Deno.chdir(`${dir}/data`); await Deno.writeTextFile('<x>', 'x');",
  "remove a granted file": "await Deno.remove(`${dir}/data/new.txt`);",
  "remove a secret": "await Deno.remove(`${dir}/secret.txt`);",
  "database": "new (await import('node:sqlite')).DatabaseSync(`${dir}/data/a.db`).close();",
  "database elsewhere": "new (await import('node:sqlite')).DatabaseSync(`${dir}/secret.txt`).close();",
  "environment of the process": "return await Deno.readTextFile('/proc/self/environ');",
  "memory of the process": "return Deno.openSync('/proc/self/mem');",
  "null device": "return Deno.readFileSync('/dev/null').length;",
  "granted variable": "return Deno.env.get('CORDON_LAB');",
  "granted variable by node": "return process.env.CORDON_LAB;",
  "set a granted variable": "Deno.env.set('CORDON_LAB', 'y');",
  "other variable": "return Deno.env.get('HOME');",
  "variable of the broker": "return Deno.env.get('DENO_PERMISSION_BROKER_PATH');",
  "all variables": "return Deno.env.toObject();",
  "set TMPDIR": "Deno.env.set('TMPDIR', '/');",
  "granted fact": "return typeof Deno.hostname();",
  "other fact": "return Deno.osRelease();",
  "users": "return (await import('node:os')).userInfo().uid;",
  "granted host": "(await Deno.connect({ hostname: '127.0.0.1', port: 9 })).close();",
  "granted host by another spelling": "(await Deno.connect({ hostname: '127.1', port: 9 })).close();",
  "granted name in capitals": "(await Deno.connect({ hostname: 'LOCALHOST', port: 9 })).close();",
  "granted name with a dot": "(await Deno.connect({ hostname: 'localhost.', port: 9 })).close();",
  "granted address of IPv6": "(await Deno.connect({ hostname: '::1', port: 9 })).close();",
  "long spelling of IPv6": "(await Deno.connect({ hostname: '0:0:0:0:0:0:0:1', port: 9 })).close();",
  "mapped address": "(await Deno.connect({ hostname: '::ffff:127.0.0.1', port: 9 })).close();",
  "other port": "(await Deno.connect({ hostname: '127.0.0.1', port: 10 })).close();",
  "fetch a granted host": "await fetch('http://localhost:9999/');",
  "fetch another": "await fetch('http://localhost:9998/');",
  "web socket":
    "return await new Promise((done, fail) => { try { const s = new WebSocket('ws://127.0.0.1:9998/'); s.onerror = () => done(0); } catch (e) { fail(e); } });",
  "listen on any port": "Deno.listen({ hostname: '127.0.0.1', port: 0 }).close();",
  "unix socket": "(await Deno.connect({ transport: 'unix', path: `${dir}/data/socket` })).close();",
  "listen on a unix socket": "Deno.listen({ transport: 'unix', path: `${dir}/data/socket` }).close();",
  "datagrams": "(await import('node:dgram')).createSocket('udp4').bind(0).close();",
  "look a name up": "return (await import('node:dns/promises')).lookup('localhost');",
  "granted program": `return (await new Deno.Command(${QUOTED}).output()).code;`,
  "granted program with a loader's variable":
    `await new Deno.Command(${QUOTED}, { env: { LD_PRELOAD: "/x" } }).output();`,
  "granted program by a longer way": `await new Deno.Command("/tmp/.." + ${QUOTED}).output();`,
  "program by its name": "return (await new Deno.Command('true').output()).code;",
  "program": "return (await new Deno.Command('/bin/false').output()).code;",
  "program by node": "return (await import('node:child_process')).execFileSync('/bin/false').length;",
  "signal": "Deno.kill(1, 'SIGCONT');",
  "native library": "Deno.dlopen('/lib/x86_64-linux-gnu/libc.so.6', {});",
  "pointer": "Deno.UnsafePointer.of(new Uint8Array(8));",
  "remote module": "await import('http:' + '//127.0.0.1:9/x.ts');",
  "package": "await import('npm:' + 'zod');",
  "inspector": "(await import('node:inspector')).open(0);",
  "umask": "return Deno.umask();",
  "status of the permissions":
    "return (await Deno.permissions.query({ name: 'read', path: `${dir}/data` })).state;",
};

/** Where the broker cannot tell what is meant, it denies. */
const STRICTER: Readonly<Record<string, string>> = {
  "a file in angle brackets": "refused: NotCapable",
  "granted program by a longer way": "refused: NotCapable",
};

Deno.test({
  name: "A supervised plugin reaches what the same plugin reaches under flags, attempt by attempt",
  ignore,
  async fn() {
    const run = async (supervised: boolean) => {
      await using lab = await Lab.open("deno");
      await Deno.writeTextFile(`${lab.dir}/data/note.txt`, "granted");
      await Deno.symlink(`${lab.dir}/data/note.txt`, `${lab.dir}/data/link`);
      const permissions: Permission[] = [
        { kind: "read", value: `${lab.dir}/data` },
        { kind: "write", value: `${lab.dir}/data` },
        { kind: "write", value: `${lab.dir}/scratch` },
        { kind: "env", value: "CORDON_LAB" },
        { kind: "sys", value: "hostname" },
        { kind: "net", value: "127.0.0.1:9" },
        { kind: "net", value: "localhost:9" },
        { kind: "net", value: "localhost:9999" },
        { kind: "net", value: "[::1]:9" },
        { kind: "run", value: PROGRAM },
      ];
      const supervisor = supervised ? { supervisor: lab.supervise(permissions) } : {};
      const files = {
        "note.txt": "mine",
        "note.ts": 'export default "mine";',
        "note.cjs": 'module.exports = "mine";',
      };
      return await lab.attempt(ATTEMPTS, { files, permissions, env: { CORDON_LAB: "x" }, ...supervisor });
    };
    const [flags, broker] = [await run(false), await run(true)];
    assertEquals(broker, { ...flags, ...STRICTER });
  },
});

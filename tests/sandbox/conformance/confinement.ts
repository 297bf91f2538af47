/**
 * Conformance: what a plugin reaches, and what not.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import type { ConformanceCase } from "../conformance.ts";

/** All of them were refused, by Deno's permissions or because they are gone. */
function assertRefused(results: Readonly<Record<string, unknown>>): void {
  assertEquals(Object.entries(results).filter(([, result]) => !String(result).startsWith("refused: ")), []);
}

/** Cases about files, imports, the network, the system and the realm. */
export const CONFINEMENT: readonly ConformanceCase[] = [
  {
    name: "reads its own folder and nothing else",
    async run(lab) {
      const own = await lab.attempt({
        text: "return await Deno.readTextFile(`${dir}/plugin/note.txt`);",
        json: "return (await import('./note.json', { with: { type: 'json' } })).default;",
        module: "return (await import('./' + 'note.ts')).default;",
      }, { files: { "note.txt": "mine", "note.json": '"mine"', "note.ts": 'export default "mine";' } });
      assertEquals(own, { text: "mine", json: "mine", module: "mine" });
      assertRefused(
        await lab.attempt({
          text: "return await Deno.readTextFile(`${dir}/secret.txt`);",
          parent: "return await Deno.readTextFile(`${dir}/plugin/../secret.txt`);",
          fetch: "return await (await fetch(`file://${dir}/secret.txt`)).text();",
          node: "return (await import('node:fs')).readFileSync(`${dir}/secret.txt`, 'utf8');",
          folder: "return await Array.fromAsync(Deno.readDir(dir));",
          stat: "return await Deno.stat(`${dir}/secret.txt`);",
          real: "return await Deno.realPath(`${dir}/secret.txt`);",
          database: "return new (await import('node:sqlite')).DatabaseSync(`${dir}/secret.txt`);",
          data: "return await Array.fromAsync(Deno.readDir(`${dir}/data`));",
          environment: "return await Deno.readTextFile('/proc/self/environ');",
          memory: "return await Deno.open('/proc/self/mem');",
          descriptor: "return await Deno.open('/proc/self/fd/1', { write: true });",
        }),
      );
    },
  },
  {
    name: "reads and writes what was granted, and nothing beside it",
    async run(lab) {
      const permissions = [
        { kind: "read", value: `${lab.dir}/data` },
        { kind: "write", value: `${lab.dir}/data` },
      ] as const;
      const { own, ...others } = await lab.attempt({
        own:
          "await Deno.writeTextFile(`${dir}/data/a`, 'x'); return await Deno.readTextFile(`${dir}/data/a`);",
        beside: "await Deno.writeTextFile(`${dir}/secret.txt`, 'x');",
        outside: "await Deno.writeTextFile(`${dir}/data/../x`, 'x');",
        link: "await Deno.symlink(`${dir}/secret.txt`, `${dir}/data/link`);",
        hard: "await Deno.link(`${dir}/secret.txt`, `${dir}/data/link`);",
        copy: "await Deno.copyFile(`${dir}/secret.txt`, `${dir}/data/copy`);",
      }, { permissions });
      assertEquals(own, "x");
      assertRefused(others);
    },
  },
  {
    name: "writes nowhere without a grant",
    async run(lab) {
      assertRefused(
        await lab.attempt({
          own: "await Deno.writeTextFile(`${dir}/plugin/x`, 'x');",
          scratch: "await Deno.writeTextFile(`${dir}/scratch/x`, 'x');",
          folder: "await Deno.mkdir(`${dir}/x`);",
          remove: "await Deno.remove(`${dir}/secret.txt`);",
          temporary: "await Deno.makeTempFile();",
          node: "(await import('node:fs')).writeFileSync(`${dir}/x`, 'x');",
          mode: "await Deno.chmod(`${dir}/plugin/main.ts`, 0o777);",
        }),
      );
    },
  },
  {
    name: "has no network without a grant",
    async run(lab) {
      assertRefused(
        await lab.attempt({
          fetch: "await fetch('http://127.0.0.1:9/');",
          connect: "await Deno.connect({ port: 9 });",
          unix: "await Deno.connect({ transport: 'unix', path: `${dir}/socket` });",
          listen: "Deno.listen({ port: 0 });",
          serve: "await Deno.serve({ port: 0, onListen() {} }, () => new Response()).finished;",
          dns: "await Deno.resolveDns('localhost', 'A');",
          socket: "new WebSocket('ws://127.0.0.1:9/');",
          http:
            "const { get } = await import('node:http'); await new Promise((_, reject) => get('http://127.0.0.1:9/').on('error', reject));",
          net:
            "const { connect } = await import('node:net'); await new Promise((_, reject) => connect(9, '127.0.0.1').on('error', reject));",
          udp:
            "const { createSocket } = await import('node:dgram'); await new Promise((_, reject) => createSocket('udp4').on('error', reject).bind(0));",
        }),
      );
    },
  },
  {
    name: "reaches exactly the host and port that were granted",
    async run(lab) {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      const accepted = listener.accept();
      const { own, beside } = await lab.attempt({
        own: `(await Deno.connect({ hostname: "127.0.0.1", port: ${port} })).close(); return "there";`,
        beside: `await Deno.connect({ hostname: "127.0.0.1", port: ${(other.addr as Deno.NetAddr).port} });`,
      }, { permissions: [{ kind: "net", value: `127.0.0.1:${port}` }] });
      (await accepted).close();
      assertEquals(own, "there");
      assertRefused({ beside });
    },
  },
  {
    name: "sees no environment but granted variables",
    async run(lab) {
      Deno.env.set("CORDON_LAB_GRANTED", "given");
      try {
        const { granted, ...others } = await lab.attempt({
          granted: "return Deno.env.get('CORDON_LAB_GRANTED');",
          home: "return Deno.env.get('HOME');",
          all: "return Deno.env.toObject();",
          node: "return process.env.PATH;",
        }, {
          permissions: [{ kind: "env", value: "CORDON_LAB_GRANTED" }],
          env: { CORDON_LAB_GRANTED: "given" },
        });
        assertEquals(granted, "given");
        assertRefused(others);
      } finally {
        Deno.env.delete("CORDON_LAB_GRANTED");
      }
    },
  },
  {
    name: "learns nothing of the system, starts no program, loads no library",
    async run(lab) {
      assertRefused(
        await lab.attempt({
          name: "return Deno.hostname();",
          load: "return Deno.loadavg();",
          memory: "return Deno.systemMemoryInfo();",
          user: "return Deno.uid();",
          umask: "return Deno.umask(0);",
          inspector: "const { Session } = await import('node:inspector'); new Session().connect();",
          program: "await new Deno.Command('true').output();",
          node: "(await import('node:child_process')).execFileSync('true');",
          library: "Deno.dlopen(`${dir}/x.so`, {});",
          addon: "process.dlopen({}, `${dir}/x.node`);",
        }),
      );
    },
  },
  {
    name: "imports nothing from outside its folder, static or dynamic, as code, text or JSON",
    async run(lab) {
      const files = {
        "static_code.ts": 'export { default } from "../secret.ts";',
        "static_text.ts": 'import x from "../secret.txt" with { type: "text" }; export default x;',
        "static_json.ts": 'import x from "../secret.json" with { type: "json" }; export default x;',
        "common.cjs": 'module.exports = require("../secret.json");',
      };
      const own = Object.fromEntries(
        Object.keys(files).map((name) => [name, `return (await import("./" + "${name}")).default;`]),
      );
      assertRefused(
        await lab.attempt({
          ...own,
          code: "return (await import(`file://${dir}/secret.ts`)).default;",
          text: "return (await import(`file://${dir}/secret.txt`, { with: { type: 'text' } })).default;",
          json: "return (await import(`file://${dir}/secret.json`, { with: { type: 'json' } })).default;",
          bytes: "return (await import(`file://${dir}/secret.txt`, { with: { type: 'bytes' } })).default;",
          data:
            'return (await import(`data:text/javascript,export { default } from "file://${dir}/secret.ts"`)).default;',
          blob:
            'return (await import(URL.createObjectURL(new Blob([`export { default } from "file://${dir}/secret.ts"`], { type: "text/javascript" })))).default;',
        }, { files }),
      );
    },
  },
  {
    name: "imports no package and nothing remote",
    async run(lab) {
      assertRefused(
        await lab.attempt({
          npm: "await import('npm:' + 'zod');",
          jsr: "await import('jsr:' + '@std/assert');",
          bare: "await import('@std/' + 'assert');",
          remote: "await import('http:' + '//127.0.0.1:9/x.ts');",
          nested: "await import('data:text/javascript,' + 'import \"npm:zod\"');",
        }),
      );
    },
  },
  {
    name: "downloads no package that a file of its own names, when it imports that file by a computed name",
    differs: {
      worker:
        "the import is refused, but only after Deno, which reads a file's imports first, has downloaded the package; `--cached-only` on the host's command line keeps it from that",
    },
    untried: true,
    async run(lab) {
      const files = { "package.ts": 'export { default } from "npm:@cordon-lab/not-there@1.0.0";' };
      const { found } = await lab.attempt({ found: 'await import("./" + "package.ts");' }, { files });
      assertRefused({ found });
    },
  },
  {
    name: "makes no worker of either kind",
    differs: {
      os:
        "Node's threads can be made: what a thread imports is exempt from Deno's permissions, and the kernel holds it",
    },
    async run(lab) {
      assertRefused(
        await lab.attempt({
          gone: "new Worker('data:text/javascript,0', { type: 'module' });",
          forged: "Reflect.construct(EventTarget, [], globalThis.Worker);",
          thread:
            "const { Worker } = await import('node:' + 'worker_threads'); new Worker('0', { eval: true });",
          common: "return (await import('./' + 'thread.cjs')).default;",
        }, { files: { "thread.cjs": 'new (require("worker_threads").Worker)("0", { eval: true });' } }),
      );
    },
  },
  {
    name: "has no storage and no channel shared with others, and nothing that asks on a terminal",
    async run(lab) {
      const gone = [
        "BroadcastChannel",
        "Worker",
        "alert",
        "caches",
        "confirm",
        "localStorage",
        "prompt",
        "sessionStorage",
      ];
      const results = await lab.attempt({
        globals: `return ${JSON.stringify(gone)}.filter((name) => name in globalThis);`,
        gpu: "return typeof navigator.gpu;",
        internals: "return typeof Deno[Deno.internal];",
        args: "return Deno.args;",
        storage: "return typeof Deno.openKv;",
      });
      assertEquals(results, {
        globals: [],
        gpu: "undefined",
        internals: "undefined",
        args: [],
        storage: "undefined",
      });
    },
  },
  {
    name: "changes nothing of the host's process",
    async run(lab) {
      const before = [Deno.cwd(), Deno.env.get("HOME"), Deno.exitCode];
      const channel = new BroadcastChannel("cordon-lab");
      const heard: unknown[] = [];
      channel.onmessage = ({ data }) => heard.push(data);
      try {
        await lab.attempt({
          folder: "Deno.chdir(`${dir}/plugin`);",
          node: "process.chdir(`${dir}/plugin`);",
          code: "Deno.exitCode = 9;",
          channel:
            "const { BroadcastChannel } = await import('node:' + 'worker_threads'); new BroadcastChannel('cordon-lab').postMessage(1);",
        });
        assertEquals([Deno.cwd(), Deno.env.get("HOME"), Deno.exitCode, heard.length], [...before, 0]);
      } finally {
        channel.close();
      }
    },
  },
  {
    name: "gives a plugin all of Node's modules that Deno has",
    differs: {
      worker:
        "modules that reach the process or its threads are closed, such as `node:process` and `node:tty`",
    },
    async run(lab) {
      const { found } = await lab.attempt({
        found: "return typeof (await import('node:' + 'process')).default.pid;",
      });
      assertEquals(found, "number");
    },
  },
  {
    name: "lets a plugin extend the prototypes of the language",
    differs: { worker: "`Object.prototype` and `Array.prototype` take nothing new" },
    async run(lab) {
      const { last } = await lab.attempt({ last: "Array.prototype.last = () => 1; return [].last();" });
      assertEquals(last, 1);
    },
  },
  {
    name: "lets a plugin change a granted variable, for itself",
    differs: { worker: "variables are the host's own, and can only be read" },
    async run(lab) {
      const { set } = await lab.attempt({
        set: "Deno.env.set('CORDON_LAB', 'x'); return Deno.env.get('CORDON_LAB');",
      }, {
        permissions: [{ kind: "env", value: "CORDON_LAB" }],
      });
      assertEquals([set, Deno.env.get("CORDON_LAB")], ["x", undefined]);
    },
  },
  {
    name: "works in an empty folder of its own",
    differs: { worker: "the working folder is the host's, which a plugin cannot change" },
    async run(lab) {
      const { cwd } = await lab.attempt({ cwd: "return Deno.cwd();" }, {
        permissions: [{ kind: "read", value: `${lab.dir}/scratch` }],
      });
      assertEquals(cwd, `${lab.dir}/scratch`);
    },
  },
  {
    name: "keeps what Deno compiled for a plugin in a folder of its own",
    differs: { worker: "the cache is the host's, which a plugin can neither read nor write" },
    async run(lab) {
      await lab.attempt({ nothing: "" });
      assertMatch(
        (await Array.fromAsync(Deno.readDir(`${lab.dir}/deno`))).map(({ name }) => name).join(),
        /./,
      );
    },
  },
];

/**
 * A place to try one kind of sandbox: plugins are written into a temporary
 * folder, opened through `OpenSandbox`, and gone with the block.
 *
 * @module
 */

import { createPermissionSet, type Permission } from "../../src/permissions/permission_set.ts";
import { Supervision, type Supervisor } from "../../src/permissions/supervision.ts";
import type { Handler } from "../../src/rpc/incoming_calls.ts";
import type { NotificationHandler } from "../../src/rpc/peer.ts";
import { createSandboxes, type Sandboxes } from "../../src/sandbox/sandboxes.ts";
import type { OpenSandbox, Sandbox, SandboxExit, Tier } from "../../src/sandbox/sandbox.ts";

/** The kinds of sandbox: by their tier. */
export type SandboxKind = Tier;

/** What a plugin is given. */
export interface LabOptions {
  /** Files beside `main.ts`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly permissions?: readonly Permission[];
  readonly env?: Readonly<Record<string, string>>;
  readonly heapMib?: number;
  readonly subscribes?: readonly string[];
  readonly handlers?: Readonly<Record<string, Handler>>;
  readonly notifications?: Readonly<Record<string, NotificationHandler>>;
  readonly signal?: AbortSignal;
  /** Decides about it through Deno's permission broker. */
  readonly supervisor?: Supervisor;
}

/** A plugin in its sandbox. */
export interface Subject extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** What it printed so far, as `stdout: text`. */
  readonly output: readonly string[];
  /** Has it loaded and activated. */
  activate(): Promise<unknown>;
  /** Calls a method. */
  invoke(method: string, ...args: unknown[]): Promise<unknown>;
  /** How it ended, once it has. */
  readonly exited: Promise<SandboxExit>;
}

/** A temporary folder with a plugin's folder, its data, and a file beside both that is nobody's. */
export class Lab implements AsyncDisposable {
  readonly kind: SandboxKind;
  readonly dir: string;
  readonly #sandboxes: Sandboxes;
  readonly #isSupervised: boolean;

  constructor(
    { kind, dir, isSupervised }: { kind: SandboxKind; dir: string; isSupervised: boolean },
    sandboxes: Sandboxes,
  ) {
    this.kind = kind;
    this.dir = dir;
    this.#sandboxes = sandboxes;
    this.#isSupervised = isSupervised;
  }

  /** Opens a lab; a supervised one has a broker decide about every plugin by its permissions. */
  static async open(kind: SandboxKind, { isSupervised = false } = {}): Promise<Lab> {
    const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-lab-" }));
    for (const name of ["plugin", "data", "scratch", "deno", "run"]) await Deno.mkdir(`${dir}/${name}`);
    await Deno.writeTextFile(`${dir}/secret.txt`, "secret");
    await Deno.writeTextFile(`${dir}/secret.json`, '"secret"');
    await Deno.writeTextFile(`${dir}/secret.ts`, 'export default "secret";\n');
    const sandboxes = await createSandboxes({
      codeDir: `${dir}/run`,
      socketDir: `${dir}/run`,
      tier: kind === "os" ? "os" : "deno",
      tierFallback: false,
    });
    return new Lab({ kind, dir, isSupervised }, sandboxes);
  }

  /** Opens a sandbox for a plugin; what it throws at import or activation is not asked yet. */
  async open(source: string, options: LabOptions = {}): Promise<Subject> {
    const { permissions = [], env = {}, subscribes = [], handlers = {}, notifications = {}, signal } =
      options;
    const { dir } = this;
    for (const [name, text] of Object.entries({ "main.ts": source, ...options.files })) {
      await Deno.writeTextFile(`${dir}/plugin/${name}`, text);
    }
    const output: string[] = [];
    const supervisor = options.supervisor ?? (this.#isSupervised ? this.supervise(permissions) : undefined);

    const open: OpenSandbox = this.#sandboxes[this.kind === "worker" ? "worker" : "process"];
    const sandbox = await open({
      id: "lab.subject",
      codeDir: `${dir}/plugin`,
      permissions: createPermissionSet(permissions),
      dataDir: `${dir}/data`,
      scratchDir: `${dir}/scratch`,
      denoDir: `${dir}/deno`,
      env,
      heapMib: options.heapMib,
      ...(supervisor === undefined ? {} : { supervisor }),
      bounds: { memoryBytes: undefined, descriptors: 256, fileBytes: undefined },
      handlers: new Map(Object.entries(handlers)),
      notifications: new Map(Object.entries(notifications)),
      onSpawn: () => {},
      onOutput: (stream, line) => void output.push(`${stream}: ${line}`),
    }, { signal });
    return {
      sandbox,
      output,
      exited: sandbox.exited,
      activate: async () => {
        await sandbox.peer.call("load", [{ entry: `file://${dir}/plugin/main.ts` }]);
        const context = {
          id: "lab.subject",
          version: "1.0.0",
          config: {},
          vars: {},
          data: `${dir}/data`,
          subscribes,
        };
        return await sandbox.peer.call("activate", [context]);
      },
      invoke: (method, ...args) => sandbox.peer.call("invoke", [method, args], { timeoutMs: 20_000 }),
      [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
    };
  }

  /** What decides about a supervised plugin. */
  supervise(permissions: readonly Permission[]): Supervision {
    const { dir } = this;
    return new Supervision({
      permissions: createPermissionSet(permissions),
      codeDir: `${dir}/plugin`,
      tmpDir: `${dir}/scratch`,
    });
  }

  /** Opens a sandbox for a plugin that runs. */
  async start(source: string, options: LabOptions = {}): Promise<Subject> {
    const subject = await this.open(source, options);
    try {
      await subject.activate();
      return subject;
    } catch (error) {
      await subject[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Runs statements in a plugin, each on its own.
   *
   * @returns What each returned, or `refused: ` and the name of what it threw.
   */
  async attempt(
    statements: Readonly<Record<string, string>>,
    options: LabOptions = {},
  ): Promise<Record<string, unknown>> {
    const methods = Object.entries(statements).map(([name, code]) =>
      `${JSON.stringify(name)}: async () => { ${code} }`
    );
    await using subject = await this.start(
      `const dir = ${JSON.stringify(this.dir)};\nexport function activate() { return { ${
        methods.join(",\n")
      } }; }\n`,
      options,
    );
    const results: Record<string, unknown> = {};
    for (const name of Object.keys(statements)) {
      try {
        results[name] = await subject.invoke(name) ?? null;
      } catch (error) {
        const { facts, message } = error as { facts?: { name?: string }; message: string };
        results[name] = `refused: ${facts?.name ?? message}`;
      }
    }
    return results;
  }

  /** Removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sandboxes[Symbol.asyncDispose]();
    await Deno.remove(this.dir, { recursive: true });
  }
}

import type { EventHandler, PluginContext, PluginMethods, PluginModule, Remote } from "@cordon/cordon/sdk";

/** A line that a plugin logged. */
export interface LogLine {
  readonly plugin: string;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly facts: Record<string, unknown>;
}

/** How a fake host starts a plugin. */
export interface StartOptions {
  readonly vars?: Record<string, string>;
  readonly config?: Record<string, unknown>;
  /** The capability that its methods are offered as. */
  readonly provides?: string;
}

const MAX_FRAME = 16 * 1024 * 1024;

/**
 * Connects plugins in one process as the host does across processes: calls by
 * capability with copied, JSON-shaped values of bounded size, and events.
 */
export class FakeHost implements AsyncDisposable {
  readonly logs: LogLine[] = [];
  readonly published: { topic: string; value: unknown }[] = [];
  readonly #providers = new Map<string, PluginMethods>();
  readonly #handlers = new Set<{ pattern: string; handler: EventHandler }>();
  readonly #running = new Map<string, { stop: AbortController; module: PluginModule }>();
  readonly #waiting = new Set<{ topic: string; resolve: (value: unknown) => void }>();
  readonly #underway = new Set<Promise<unknown>>();
  /** Calls that were made, as `capability.method`, and how often. */
  readonly calls = new Map<string, number>();

  /** Activates a plugin; its id is the name it runs under. */
  async start<T extends object>(
    id: string,
    module: { activate(ctx: PluginContext): T | Promise<T>; deactivate?(): void | Promise<void> },
    options: StartOptions = {},
  ): Promise<T> {
    const stop = new AbortController();
    const log = (level: LogLine["level"]) => (message: string, facts: Record<string, unknown> = {}) => {
      assertPlain(facts);
      this.logs.push({ plugin: id, level, message, facts });
    };
    const handlers: { pattern: string; handler: EventHandler }[] = [];
    const ctx: PluginContext = {
      currentCall: undefined,
      id: `cordon.${id}`,
      version: "1.0.0",
      config: options.config ?? {},
      vars: options.vars ?? {},
      data: "/nowhere",
      signal: stop.signal,
      onLimit: () => () => {},
      log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
      events: {
        on: (pattern, handler) => {
          const entry = { pattern, handler };
          handlers.push(entry);
          this.#handlers.add(entry);
          return () => this.#handlers.delete(entry);
        },
        publish: (topic, value) => this.publish(topic, value, id),
      },
      use: <U>(capability: string) => this.use<U>(capability),
      call: async (capability, method, args = []) => {
        const remote = await this.use<Record<string, (...args: unknown[]) => unknown>>(capability);
        return await remote[method]!(...args);
      },
    };
    stop.signal.addEventListener("abort", () => handlers.forEach((entry) => this.#handlers.delete(entry)));
    this.#running.set(id, { stop, module: module as unknown as PluginModule });
    try {
      const methods = await module.activate(ctx);
      if (options.provides) this.#providers.set(options.provides, methods as unknown as PluginMethods);
      return methods;
    } catch (error) {
      stop.abort();
      this.#running.delete(id);
      throw error;
    }
  }

  /** Offers methods without a plugin. */
  provide(capability: string, methods: PluginMethods | undefined): void {
    if (methods) this.#providers.set(capability, methods);
    else this.#providers.delete(capability);
  }

  /** Stops a plugin, and takes away what it offered. */
  async stop(id: string, capability?: string): Promise<void> {
    const running = this.#running.get(id);
    this.#running.delete(id);
    if (capability) this.#providers.delete(capability);
    running?.stop.abort(new DOMException("The plugin stops", "AbortError"));
    await running?.module.deactivate?.();
  }

  /** Publishes an event to every plugin that subscribed to its topic. */
  publish(topic: string, value?: unknown, publisher = "host"): Promise<void> {
    const copy = transfer(value);
    this.published.push({ topic, value: copy });
    for (const { pattern, handler } of this.#handlers) {
      if (pattern !== topic) continue;
      queueMicrotask(() =>
        Promise.resolve(handler(copy, { topic, publisher, missed: 0 })).catch(reportError)
      );
    }
    for (const waiting of this.#waiting) {
      if (waiting.topic !== topic) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(copy);
    }
    return Promise.resolve();
  }

  /** Waits for the next event of a topic. */
  next(topic: string): Promise<unknown> {
    return new Promise((resolve) => this.#waiting.add({ topic, resolve }));
  }

  /** A handle on a capability, as a plugin gets it. */
  use<T>(capability: string): Promise<Remote<T>> {
    if (!this.#providers.has(capability)) return Promise.reject(unavailable(capability));
    const remote = new Proxy({}, {
      get: (_, method) => {
        if (typeof method !== "string" || method === "then") return undefined;
        return async (...args: unknown[]) => {
          const name = `${capability}.${method}`;
          this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
          const sent = transfer(args);
          await Promise.resolve();
          const provider = this.#providers.get(capability);
          if (!provider) throw unavailable(capability);
          const work = provider[method];
          if (!work) throw new Error(`Capability "${capability}" has no method "${method}"`);
          const answer = Promise.resolve(work(...sent));
          this.#underway.add(answer);
          try {
            return transfer(await answer);
          } finally {
            this.#underway.delete(answer);
          }
        };
      },
    });
    return Promise.resolve(remote as Remote<T>);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of [...this.#running.keys()].reverse()) await this.stop(id);
    this.#providers.clear();
    while (this.#underway.size > 0) await Promise.allSettled(this.#underway);
  }
}

/** Writes files into a new folder that goes away at the end. */
export async function createFolder(
  files: Record<string, string | Uint8Array>,
): Promise<
  AsyncDisposable & { path: string; write(files: Record<string, string | Uint8Array>): Promise<void> }
> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-plugins-" }));
  const write = async (files: Record<string, string | Uint8Array>) => {
    for (const [name, content] of Object.entries(files)) {
      const full = `${path}/${name}`;
      await Deno.mkdir(full.slice(0, full.lastIndexOf("/")), { recursive: true });
      await (typeof content === "string" ? Deno.writeTextFile(full, content) : Deno.writeFile(full, content));
    }
  };
  await write(files);
  return { path, write, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** The files in a folder, at any depth. */
export async function listFolder(path: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(`${path}/${folder}`)) {
      if (isDirectory) await walk(`${folder}${name}/`);
      else found.push(folder + name);
    }
  };
  await walk("");
  return found.sort();
}

function unavailable(capability: string): Error {
  return Object.assign(new Error(`Capability "${capability}" is not available`), {
    code: "capability_unavailable",
  });
}

/** A copy of a value as it arrives at the far side of a channel. */
function transfer<T>(value: T): T {
  assertPlain(value);
  const size = sizeOf(value);
  if (size > MAX_FRAME) throw new RangeError(`A frame of ${size} bytes is larger than ${MAX_FRAME}`);
  return structuredClone(value);
}

function assertPlain(value: unknown): void {
  if (value === null || value === undefined || typeof value === "string" || typeof value === "boolean") {
    return;
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`A number that JSON cannot hold: ${value}`);
    return;
  }
  if (value instanceof Uint8Array) return;
  if (Array.isArray(value)) return value.forEach(assertPlain);
  if (typeof value !== "object") throw new TypeError(`A value that is not JSON-shaped: ${typeof value}`);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`A value that is not JSON-shaped: ${value.constructor.name}`);
  }
  Object.values(value).forEach(assertPlain);
}

function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === "string") return value.length;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + sizeOf(item) + 1, 2);
  if (value !== null && typeof value === "object") {
    return Object.entries(value).reduce((sum, [key, item]) => sum + key.length + 4 + sizeOf(item), 2);
  }
  return 8;
}

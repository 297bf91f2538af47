/**
 * A host of one plugin: the services, bus and capabilities of a real one, with
 * what the plugin publishes and logs kept for the test.
 *
 * @module
 */

import { Capabilities } from "../../bus/capabilities.ts";
import type { Provider } from "../../bus/provider.ts";
import { SharedResources } from "../../bus/resources/shared_resources.ts";
import { CordonError } from "../../errors.ts";
import { provideBy } from "../../lifecycle/capabilities/provided_capability.ts";
import { PluginInstance } from "../../lifecycle/instance.ts";
import { StartAttempt } from "../../lifecycle/start_attempt.ts";
import { PluginServices } from "../../lifecycle/services/plugin_services.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { createPermissionSet } from "../../permissions/permission_set.ts";
import type { SandboxSpec } from "../../sandbox/sandbox.ts";
import type { LogRecord } from "../../internal/log_record.ts";
import { acceptFakes, type FakeCapabilities, FakeProviders } from "./fake_capabilities.ts";
import { MemorySandbox } from "./memory_sandbox.ts";
import { TestBus } from "./test_bus.ts";
import { TestDelivery } from "./test_delivery.ts";
import { TEST_TELEMETRY } from "./test_telemetry.ts";
import type { TestableModule } from "./testable_module.ts";

/** A record that the plugin logged. */
export interface LoggedRecord {
  /** Its weight. */
  readonly level: "debug" | "info" | "warn" | "error";
  /** What it says. */
  readonly message: string;
  /** What the plugin gave along with it; missing when there was nothing. */
  readonly facts?: Record<string, unknown>;
}

/** With what a plugin is started. */
export interface TestHostOptions {
  readonly manifest: Manifest;
  readonly module: TestableModule;
  readonly capabilities: FakeCapabilities;
  readonly vars: Record<string, string>;
  readonly config: Record<string, unknown>;
  /** Its private folder. */
  readonly data: string;
}

/** The host of one plugin. */
export class TestHost {
  readonly manifest: Manifest;
  readonly bus = new TestBus();
  /** Records the plugin logged, oldest first. */
  readonly logs: LoggedRecord[] = [];
  readonly #capabilities = new Capabilities();
  readonly #fakes: FakeProviders;
  readonly #services: PluginServices;
  readonly #resources = new SharedResources();
  readonly #running = Promise.withResolvers<PluginInstance>();
  #sandbox: MemorySandbox | undefined;
  #instance: PluginInstance | undefined;
  #pongs: (() => void)[] = [];

  /** @param options What the plugin declares and may use. */
  constructor({ manifest, capabilities }: Pick<TestHostOptions, "manifest" | "capabilities">) {
    this.manifest = acceptFakes(manifest, capabilities);
    this.#fakes = new FakeProviders(capabilities, this.#capabilities);
    // Nobody may be waiting for it.
    this.#running.promise.catch(() => {});
    this.#services = new PluginServices({
      manifest: this.manifest,
      capabilities: this.#capabilities,
      events: this.bus,
      resources: this.#resources,
      telemetry: TEST_TELEMETRY,
      registry: { note: () => {} },
      held: () => ({ events: [] }),
      delivery: new TestDelivery({
        bus: this.bus,
        running: this.#running.promise,
        print: (line) => this.#services.print("stderr", line),
      }),
      log: (record) => this.logs.push(toLogged(record)),
      // The plugin is told; a host has it in its journal besides.
      onRefusal: () => {},
    });
  }

  /**
   * Starts a plugin.
   *
   * @throws {CordonError} `start_failed`.
   */
  static async start(options: TestHostOptions): Promise<TestHost> {
    const host = new TestHost(options);
    try {
      await host.#start(options);
    } catch (error) {
      await host.#close();
      host.#running.reject(error);
      throw error;
    }
    return host;
  }

  /** The plugin as it runs. */
  get instance(): PluginInstance {
    // What the test changed meanwhile the plugin is to find changed.
    this.#fakes.refresh();
    return this.#instance!;
  }

  /** Asks how the plugin is. */
  health(): Promise<unknown> {
    return this.#sandbox!.peer.call("health", [], { timeoutMs: this.manifest.health.timeoutMs });
  }

  /** Tells the plugin something that has no answer; settles when it has heard it. */
  async tell(notification: string, params: readonly unknown[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pongs.push(resolve);
    this.#sandbox!.peer.notify(notification, params);
    this.#sandbox!.peer.notify("ping", [0]);
    await Promise.race([promise, this.#sandbox!.exited]);
  }

  /**
   * The plugin as provider of one of its capabilities.
   *
   * @throws {CordonError} `invalid_input` if it is none of its.
   */
  createProvider(capability: string): Provider {
    const { id, provides } = this.manifest;
    if (!Object.hasOwn(provides, capability)) {
      throw new CordonError(
        "invalid_input",
        `Cannot use "${id}" as "${capability}": its manifest does not name that under [provides]`,
      );
    }
    return provideBy(this.instance, this.manifest, capability);
  }

  /** Ends the plugin, as long as `reload.drain` allows. */
  async stop(reason: string): Promise<void> {
    try {
      await this.#instance!.stop({ graceMs: this.manifest.reload.drainMs, reason });
    } finally {
      await this.#close();
    }
  }

  async #start({ module, vars, config, data }: TestHostOptions): Promise<void> {
    const { manifest } = this;
    this.#fakes.refresh();
    const attempt = new StartAttempt(manifest);
    const sandbox = new MemorySandbox(this.#createSpec(data, attempt), {
      module,
      graceMs: manifest.reload.drainMs,
    });
    this.#sandbox = sandbox;
    this.#services.connect(sandbox.peer);
    try {
      this.#instance = await PluginInstance.load(sandbox, {
        manifest,
        entry: manifest.main,
        context: { config, vars, data },
        observer: TEST_TELEMETRY,
        activity: this.#services.activity,
        signal: attempt.signal,
      });
    } catch (cause) {
      throw await attempt.fail(cause, sandbox);
    }
    this.#running.resolve(this.#instance);
  }

  /** What a sandbox holds its plugin to has no meaning here: a test has the permissions that it has. */
  #createSpec(dataDir: string, attempt: StartAttempt): SandboxSpec {
    const { handlers, notifications } = this.#services;
    return {
      id: this.manifest.id,
      codeDir: "/plugin",
      dataDir,
      scratchDir: "/tmp",
      denoDir: "/tmp",
      permissions: createPermissionSet([]),
      env: {},
      heapMib: undefined,
      bounds: { memoryBytes: undefined, descriptors: 0, fileBytes: undefined },
      // Fakes are looked up anew at each request.
      handlers: new Map([...handlers].map(([name, handler]) => [name, (...request) => {
        this.#fakes.refresh();
        return handler(...request);
      }])),
      notifications: new Map([...notifications, ["pong", () => this.#pongs.shift()?.()]]),
      onSpawn: () => {},
      onOutput: (stream, line) => {
        attempt.hear(stream, line);
        this.#services.print(stream, line);
      },
    };
  }

  async #close(): Promise<void> {
    this.#services[Symbol.dispose]();
    await this.#fakes[Symbol.asyncDispose]();
  }
}

function toLogged({ level, message, facts }: LogRecord): LoggedRecord {
  return { level, message, ...(facts === undefined ? {} : { facts: facts as LoggedRecord["facts"] }) };
}

/**
 * One plugin on its way from one version to another: the steps, each with its
 * time limit, and the way back from every one of them.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { settlesWithin } from "../internal/settles_within.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { Incarnation } from "../lifecycle/incarnation.ts";
import type { PluginEntry } from "../lifecycle/plugin_table.ts";
import type { PluginRunner } from "../lifecycle/runner.ts";
import type { Draft } from "../lifecycle/takeover.ts";
import { takeStep } from "./reload_failure.ts";
import type { Standby } from "./standby.ts";
import { assertStateFits } from "./state_schema.ts";

/** What a swap needs. */
export interface SwapContext {
  readonly runner: PluginRunner;
  readonly standby: Pick<Standby, "take">;
  /** Notes that a plugin is another version from now on. */
  readonly adopt: (version: Draft) => void;
  /** The folder with a copy of the version that a plugin runs, if there is one. */
  readonly findCopy: (plan: PluginEntry) => Promise<string | undefined>;
}

/** One plugin on its way to another version. */
export class Swap {
  readonly #context: SwapContext;
  readonly #before: Incarnation;
  /** The version, and the plugin that it is of. */
  readonly version: Draft;
  #next: Incarnation | undefined;
  #state: unknown;
  #hasHandedOver = false;
  #isHeld = false;
  #heldAt = 0;
  /** Whether the old one was stopped to make room. */
  #isVacant = false;

  /**
   * @param version What is to take over from the one that serves.
   * @param context What it needs.
   */
  constructor(version: Draft, context: SwapContext) {
    this.version = version;
    this.#context = context;
    this.#before = context.runner.serving(version.entry)!;
  }

  /** Plugin id. */
  get id(): string {
    return this.version.entry.id;
  }

  /** Whether the old version has to go before the new one starts. */
  get isExclusive(): boolean {
    return this.#old.reload.exclusive || this.#new.reload.exclusive;
  }

  /** Whether the new version goes on with what the old one knows. */
  get hasState(): boolean {
    return this.#old.reload.state === "transfer" && this.#new.reload.state === "transfer";
  }

  /** Starts the new version, beside the old one. */
  async start(signal: AbortSignal): Promise<void> {
    await takeStep(this.id, "start", async () => {
      const { runner, standby } = this.#context;
      const { entry, draft } = this.version;
      this.#next = await standby.take(entry, draft, signal);
      if (this.#next !== undefined) return;
      const opened = await runner.openBeside(entry, draft, signal);
      await opened.activate(draft, signal);
      this.#next = opened;
    });
  }

  /**
   * Holds what comes from now on, where the versions must not overlap.
   *
   * @param lets Whose calls still get through.
   */
  hold(lets: (caller: string | undefined) => boolean): void {
    if (!this.hasState && !this.isExclusive) return;
    this.#isHeld = true;
    this.#heldAt = performance.now();
    this.#before.instance.hold(lets);
  }

  /** Waits for what is under way, as long as the manifest says; what lasts longer ends on the old version. */
  async drain(): Promise<void> {
    const { drainMs } = this.#old.reload;
    await takeStep(this.id, "drain", async () => {
      const taken = settlesWithin(this.#before.events.pause(), drainMs);
      if (this.#isHeld) await this.#before.instance.drain(drainMs);
      await taken;
      this.#assertServing();
    });
  }

  /** Has the old version hand over what it knows. */
  async export(): Promise<void> {
    if (!this.hasState) return;
    await takeStep(this.id, "export", async () => {
      this.#state = await this.#before.instance.exportState(this.#old.reload);
      this.#assertServing();
    });
    const { stateSchema } = this.#new.reload;
    if (stateSchema === undefined || this.#state === undefined) return;
    const path = `${this.version.draft.found.dir}/${stateSchema}`;
    await takeStep(this.id, "state", () => assertStateFits(this.#state, path));
  }

  /** Stops the old version, where nothing else can be there beside it, and starts the new one. */
  async vacate(signal: AbortSignal): Promise<void> {
    if (!this.isExclusive) return;
    await takeStep(this.id, "stop", async () => {
      this.#isVacant = true;
      await this.#context.runner.vacate(this.version.entry, "a new version takes over");
    });
    await this.start(signal);
  }

  /** Has the new version take over what the old one knew, and asks how it is. */
  async import(): Promise<void> {
    const next = this.#next!.instance;
    if (this.hasState && this.#state !== undefined) {
      await takeStep(
        this.id,
        "import",
        () => next.importState(this.#state, { version: this.#old.version }, this.#new.reload),
      );
    }
    await takeStep(this.id, "health", () => this.#assertWell());
  }

  /**
   * Puts the new version in force; at once, so that of several plugins all are or none.
   *
   * @throws {ReloadFailure} If one of the two has ended: before anything is changed.
   */
  assertReady(): void {
    if (!this.#isVacant) this.#assertServing();
  }

  /** Has the new version serve: what was held goes to it, and what waited. */
  switch(): void {
    const { runner, adopt } = this.#context;
    adopt(this.version);
    const left = this.#before.events.leave();
    runner.replace(this.version.entry, this.#next!);
    this.#next!.events.begin(left, this.hasState);
    this.#hasHandedOver = true;
  }

  /** The version that served, and what it handed over. */
  get left(): { readonly plan: PluginEntry; readonly state: unknown } {
    return { plan: this.#before.plan, state: this.#state };
  }

  /** Milliseconds since calls are held; 0 where none are. */
  get heldMs(): number {
    return this.#isHeld ? performance.now() - this.#heldAt : 0;
  }

  /** Goes back: the new version is dropped, and the old one goes on. */
  async undo(): Promise<void> {
    if (this.#hasHandedOver) return;
    if (!this.#isVacant) {
      this.#before.events.resume();
      if (this.#isHeld) this.#before.instance.release();
    }
    await this.#next?.drop();
    if (this.#isVacant) await this.#startAgain();
  }

  /** Starts the old version again, with what it knew. */
  async #startAgain(): Promise<void> {
    const { runner, findCopy } = this.#context;
    const { entry } = this.version;
    const { plan } = this.#before;
    // Its own folder holds other files by now.
    const dir = await findCopy(plan) ?? plan.found.dir;
    const before = { ...plan, found: { ...plan.found, dir } };
    const again = await runner.openBeside(entry, before, undefined);
    await again.activate(before, undefined);
    if (this.#state !== undefined) {
      await again.instance.importState(this.#state, { version: this.#old.version }, this.#old.reload);
    }
    const left = this.#before.events.leave();
    runner.replace(entry, again);
    again.events.begin(left, this.#state !== undefined);
  }

  #assertServing(): void {
    if (this.#context.runner.serving(this.version.entry) === this.#before) return;
    throw new CordonError("not_running", "the version that ran has ended meanwhile");
  }

  /** A new version that is not well from the first is not let in. */
  async #assertWell(): Promise<void> {
    const { instance } = this.#next!;
    if (!instance.hasHealth) return;
    const { status, reason } = await instance.checkHealth(this.#new.health);
    if (status === "failing") throw new CordonError("not_ready", reason!);
  }

  get #old(): Manifest {
    return this.#before.plan.found.manifest!;
  }

  get #new(): Manifest {
    return this.version.draft.found.manifest!;
  }
}

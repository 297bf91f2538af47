/**
 * Plugins that are started by events: the first one that matches starts such a
 * plugin, and is there when it subscribes.
 *
 * @module
 */

import type { Manifest } from "../../manifest/manifest.ts";
import { type EventBus, type Held, MAX_QUEUE_BYTES } from "../../bus/event_bus.ts";
import type { PublishedEvent } from "../../bus/published_event.ts";
import { listStartingEvents } from "../activation.ts";
import type { Conductor } from "../conductor.ts";
import type { PluginEntry, PluginTable } from "../plugin_table.ts";
import type { Registry } from "../registry.ts";

/** Events held for one plugin while it starts. */
const MAX_HELD = 1024;

/** What it needs. */
export interface EventStartsContext {
  readonly table: PluginTable;
  readonly conductor: Pick<Conductor, "isStarted" | "start">;
  readonly events: EventBus;
  readonly registry: Pick<Registry, "note">;
}

interface Holding {
  readonly events: PublishedEvent[];
  bytes: number;
  startedFor?: number;
  dropped: number;
}

/** Starts plugins by events. */
export class EventStarts {
  readonly #context: EventStartsContext;
  readonly #held = new Map<string, Holding>();
  readonly #starting = new Set<Promise<void>>();
  /** What is watched for, by the manifest that says so. */
  readonly #watches = new Map<string, { readonly manifest: Manifest; readonly ends: Disposable[] }>();
  #isOpen = false;

  /** @param context What it needs. */
  constructor(context: EventStartsContext) {
    this.#context = context;
    context.table.watch((entry) => this.#isOpen && this.#refresh(entry));
  }

  /**
   * Makes plugins that were stopped with the host ready again, and starts those that
   * kept events wait for.
   */
  begin(): void {
    const { table, events, registry } = this.#context;
    this.#isOpen = true;
    for (const entry of table.list()) this.#refresh(entry);
    for (const entry of table.list()) {
      const { manifest } = entry.found;
      if (manifest === undefined || listStartingEvents(manifest).length === 0) continue;
      if (entry.state === "stopped" && entry.admitted !== undefined) table.move(entry, "ready");
      if (entry.state === "ready" && events.isBehind(entry.id)) {
        registry.note("plugin.woken", { reason: "kept events wait for it" }, entry.id);
        this.#start(entry);
      }
    }
  }

  /** What a plugin is started for. */
  heldFor(id: string): Held {
    return this.#held.get(id) ?? { events: [] };
  }

  /** Starts nothing any more; settles when what is being started runs, or does not. */
  async end(): Promise<void> {
    this.#isOpen = false;
    for (const id of [...this.#watches.keys()]) this.#unwatch(id);
    await Promise.all(this.#starting);
  }

  /** Watches for the events that a plugin's manifest names, as it is now, and says which of its own are kept. */
  #refresh(entry: PluginEntry): void {
    const { id, found: { manifest } } = entry;
    const { events, table } = this.#context;
    const isThere = table.find(id) === entry;
    if (isThere && this.#watches.get(id)?.manifest === manifest) return;
    this.#unwatch(id);
    if (!isThere || manifest === undefined) return;
    for (const [topic, { keep }] of Object.entries(manifest.events.topics)) {
      if (keep !== undefined) events.declare(topic);
    }
    const ends = listStartingEvents(manifest).map((pattern) =>
      events.watch(pattern, (event) => this.#take(entry, pattern, event))
    );
    this.#watches.set(id, { manifest, ends });
  }

  #unwatch(id: string): void {
    for (const end of this.#watches.get(id)?.ends ?? []) end[Symbol.dispose]();
    this.#watches.delete(id);
  }

  #take(entry: PluginEntry, pattern: string, event: PublishedEvent): void {
    const { conductor, registry } = this.#context;
    if (!conductor.isStarted) return;
    // What is being stopped for idleness takes no more events, and starts again for them.
    const isIdle = entry.idling !== undefined || entry.state === "ready";
    if (!isIdle && (entry.instance !== undefined || entry.state !== "starting")) return;
    const { topic, publisher } = event;
    if (isIdle && !this.#held.has(entry.id)) {
      registry.note("plugin.woken", { topic, publisher, pattern }, entry.id);
    }
    hold(this.#start(entry), event);
  }

  /** Starts a plugin, or waits for its start with it; what it is started for. */
  #start(entry: PluginEntry): Holding {
    const known = this.#held.get(entry.id);
    if (known !== undefined) return known;
    const holding: Holding = { events: [], bytes: 0, dropped: 0 };
    this.#held.set(entry.id, holding);
    const starting = this.#finish(entry, holding).finally(() => this.#starting.delete(starting));
    this.#starting.add(starting);
    return holding;
  }

  async #finish(entry: PluginEntry, holding: Holding): Promise<void> {
    const { conductor, registry } = this.#context;
    let dropped = 0;
    try {
      await conductor.start(entry);
    } catch {
      // What it fails with is its state, which the journal has.
      dropped = holding.events.length;
    }
    this.#held.delete(entry.id);
    dropped += holding.dropped;
    if (dropped > 0) registry.note("event.dropped", { dropped, while: "starting" }, entry.id);
  }
}

/** Holds an event; the oldest give way. */
function hold(holding: Holding, event: PublishedEvent): void {
  if (event.kept !== undefined) {
    holding.startedFor ??= event.kept.position;
    return;
  }
  const { events } = holding;
  // Two of its patterns may have matched.
  if (events.at(-1) === event) return;
  events.push(event);
  holding.bytes += event.value.bytes;
  while (events.length > MAX_HELD || holding.bytes > MAX_QUEUE_BYTES) {
    holding.bytes -= events.shift()!.value.bytes;
    holding.dropped++;
  }
}

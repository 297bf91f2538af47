/**
 * Plugins that are started by events: the first one that matches starts such a
 * plugin, and is there when it subscribes.
 *
 * @module
 */

import { type EventBus, type Held, MAX_QUEUE_BYTES } from "../../bus/event_bus.ts";
import type { PublishedEvent } from "../../bus/published_event.ts";
import type { Conductor } from "../conductor.ts";
import type { PluginEntry, PluginTable } from "../plugin_table.ts";
import type { Registry } from "../registry.ts";

/** How `run.activate` names an event. */
const ON_EVENT = "on:event:";

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
  #watches: Disposable[] = [];

  /** @param context What it needs. */
  constructor(context: EventStartsContext) {
    this.#context = context;
  }

  /** Watches for the events that the manifests name, as they are now, and says which are kept. */
  refresh(): void {
    this.#unwatch();
    for (const entry of this.#context.table.list()) {
      for (const [topic, { keep }] of Object.entries(entry.found.manifest?.events.topics ?? {})) {
        if (keep !== undefined) this.#context.events.declare(topic);
      }
      for (const pattern of patternsOf(entry)) {
        const onEvent = (event: PublishedEvent) => this.#take(entry, pattern, event);
        this.#watches.push(this.#context.events.watch(pattern, onEvent));
      }
    }
  }

  /**
   * Makes plugins that were stopped with the host ready again, and starts those that
   * kept events wait for.
   */
  begin(): void {
    const { table, events } = this.#context;
    this.refresh();
    for (const entry of table.list()) {
      if (patternsOf(entry).length === 0) continue;
      if (entry.state === "stopped" && entry.admitted !== undefined) table.move(entry, "ready");
      if (entry.state === "ready" && events.isBehind(entry.id)) {
        this.#start(entry, { reason: "kept events wait for it" });
      }
    }
  }

  /** What a plugin is started for. */
  heldFor(id: string): Held {
    return this.#held.get(id) ?? { events: [] };
  }

  /** Starts nothing any more; settles when what is being started runs, or does not. */
  async end(): Promise<void> {
    this.#unwatch();
    await Promise.all(this.#starting);
  }

  #unwatch(): void {
    for (const watch of this.#watches) watch[Symbol.dispose]();
    this.#watches = [];
  }

  #take(entry: PluginEntry, pattern: string, event: PublishedEvent): void {
    if (!this.#context.conductor.isStarted || entry.instance !== undefined) return;
    if (entry.state !== "ready" && entry.state !== "starting") return;
    const { topic, publisher } = event;
    if (entry.state === "ready") this.#start(entry, { topic, publisher, pattern });
    const holding = this.#held.get(entry.id);
    if (holding !== undefined) hold(holding, event);
  }

  #start(entry: PluginEntry, facts: Record<string, unknown>): void {
    const { registry } = this.#context;
    const holding: Holding = { events: [], bytes: 0, dropped: 0 };
    if (this.#held.has(entry.id)) return;
    this.#held.set(entry.id, holding);
    registry.note("plugin.woken", facts, entry.id);
    const starting = this.#finish(entry, holding).finally(() => this.#starting.delete(starting));
    this.#starting.add(starting);
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

function patternsOf({ found }: PluginEntry): string[] {
  const ways = found.manifest?.run.activate ?? [];
  return ways.filter((way) => way.startsWith(ON_EVENT)).map((way) => way.slice(ON_EVENT.length));
}

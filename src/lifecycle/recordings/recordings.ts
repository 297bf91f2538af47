/**
 * Recordings of plugins that run: each begins with the start of its plugin,
 * since a replay has to begin there, and ends when somebody says so.
 *
 * @module
 */

import { CordonError, errorMessage } from "../../errors.ts";
import { hashFiles } from "../../installer/plugin_folder.ts";
import { settlesWithin } from "../../internal/settles_within.ts";
import { CORDON_VERSION } from "../../internal/version.ts";
import { listPermissions } from "../../permissions/permission_set.ts";
import { Recorder, type RecorderReport } from "../../recording/recorder.ts";
import { MAX_RECORDING_BYTES, RECORDING_FORMAT, type RecordingHead } from "../../recording/recording.ts";
import { createRecordingFile } from "../../recording/recording_file.ts";
import { LAST_PING } from "../../recording/replayer.ts";
import { TappedChannel } from "../../recording/tapped_channel.ts";
import { hideConfig, listSecrets } from "../../recording/text_values.ts";
import { type ConnectPeer, connectPeer } from "../../sandbox/connect_peer.ts";
import { findStreams } from "../../rpc/carried_value.ts";
import { type PeerSource, placesOf, type StartFacts } from "./peer_source.ts";
import type { PluginEntry } from "../plugin_table.ts";
import type { Registry } from "../registry.ts";

/** Longest recording unless somebody says otherwise. */
const DEFAULT_BYTES = 64 * 1024 * 1024;

/** Longest wait for a plugin to have sent what it had to send. */
const SETTLE_MS = 1_000;

/** A call that is made while a plugin is recorded. */
export interface RecordedCall {
  /** Name of the method. */
  readonly method: string;
  /** Its arguments. */
  readonly args: readonly unknown[];
}

/** How a plugin is recorded. */
export interface RecordOptions {
  /** Absolute path of the file to make. */
  readonly file: string;
  /** Milliseconds after which it ends. @default {when somebody says so} */
  readonly forMs?: number;
  /** Answers of the plugin after which it ends. @default {when somebody says so} */
  readonly maxAnswers?: number;
  /** Most bytes of the file. @default {64 MiB} */
  readonly maxBytes?: number;
  /** Calls that are made; without `forMs` and `maxAnswers` it ends after them. @default {[]} */
  readonly calls?: readonly RecordedCall[];
}

/** What was recorded. */
export interface RecordingSummary extends RecorderReport {
  /** Plugin id. */
  readonly id: string;
  /** The file. */
  readonly file: string;
  /** What calls failed with; that is in the recording too. */
  readonly failures: readonly string[];
}

/** What is done with the plugin that is recorded. */
export interface RecordSteps {
  /** Starts it, or stops it and starts it again. */
  readonly start: () => Promise<void>;
  /** Calls one of its methods. */
  readonly call: (call: RecordedCall) => Promise<unknown>;
  /** Ends the recording. */
  readonly signal: AbortSignal;
}

interface Running {
  readonly recorder: Recorder;
  readonly hash: string;
  /** Settles when the plugin has sent what it had to send. */
  settle: (() => Promise<void>) | undefined;
}

/** What ended a recording: the end of the plugin, or anything else. */
interface Ended {
  readonly exit?: { readonly code?: number; readonly signal?: string };
}

/** The recordings of a host. */
export class Recordings implements PeerSource {
  readonly #registry: Registry;
  readonly #running = new Map<string, Running>();

  /** @param registry Where it is noted. */
  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /**
   * Records a plugin from its next start on, until a bound of the options is reached, the signal aborts or
   * the plugin ends.
   *
   * @throws {CordonError} `already_recorded`, `invalid_input` or `not_writable` for the file, or why it did
   * not start; what it did until then is in the file.
   */
  async record(entry: PluginEntry, options: RecordOptions, steps: RecordSteps): Promise<RecordingSummary> {
    const { id, found, report } = entry;
    if (this.#running.has(id)) {
      throw new CordonError("already_recorded", `Cannot record "${id}": it is being recorded`);
    }
    const hash = await hashFiles(found.dir, report?.files ?? []);
    const sink = await createRecordingFile(options.file);
    const maxBytes = Math.min(options.maxBytes ?? DEFAULT_BYTES, MAX_RECORDING_BYTES);
    const recorder = new Recorder(sink, { maxBytes, maxAnswers: options.maxAnswers });
    const running: Running = { recorder, hash, settle: undefined };
    this.#running.set(id, running);
    this.#registry.note("recording.started", { file: options.file }, id);
    let ended: Ended | undefined;
    const failures: string[] = [];
    const reading = new AbortController();
    let outcome: RecorderReport;
    try {
      await steps.start();
      const { read } = await makeCalls(options.calls ?? [], { ...steps, failures, reading });
      if (endsWithCalls(options)) await read;
      ended = await this.#untilEnd(entry, options, { running, signal: steps.signal });
      if (ended.exit === undefined) ended = await settle(entry, running);
    } finally {
      this.#running.delete(id);
      // A start that failed has ended its sandbox.
      const exit = ended === undefined && entry.instance === undefined ? {} : ended?.exit;
      outcome = await recorder.end(exit === undefined ? "asked" : "exited", exit);
      reading.abort();
      if (!recorder.hasBegun) await Deno.remove(options.file);
      this.#registry.note("recording.ended", { file: options.file, ...outcome }, id);
    }
    return { id, file: options.file, failures, ...outcome };
  }

  connectFor(entry: PluginEntry, facts: StartFacts): ConnectPeer | undefined {
    const running = this.#running.get(entry.id);
    // One incarnation: what comes after a crash begins anew, and would need its own start.
    if (running === undefined || running.recorder.hasBegun) return undefined;
    const { recorder, hash } = running;
    const { secrets = [] } = entry.found.manifest!.config ?? {};
    recorder.begin(createHead(entry, facts, hash), listSecrets(facts.config, secrets));
    return (stream, options) => {
      const channel = new TappedChannel(stream, recorder);
      const settled = Promise.withResolvers<void>();
      const onPong = options.notifications?.get("pong");
      const notifications = new Map([...options.notifications ?? []]).set("pong", (params) => {
        if (params[0] === LAST_PING) settled.resolve();
        else onPong?.(params);
      });
      const peer = connectPeer(channel, { ...options, notifications });
      running.settle = async () => {
        peer.notify("ping", [LAST_PING]);
        await settled.promise;
      };
      return peer;
    };
  }

  /** Waits for whatever ends it; its exit, when the plugin ended. */
  async #untilEnd(
    entry: PluginEntry,
    options: RecordOptions,
    { running, signal }: { running: Running; signal: AbortSignal },
  ): Promise<Ended> {
    // It may have ended already: by a call, or because the host stops.
    if (entry.instance === undefined) return { exit: {} };
    if (endsWithCalls(options)) return {};
    const { forMs } = options;
    const exited = entry.instance.exited.then((exit): Ended => ({ exit }));
    const asked = Promise.withResolvers<Ended>();
    const stop = () => asked.resolve({});
    const timer = forMs === undefined ? undefined : setTimeout(stop, forMs);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      return await Promise.race([exited, asked.promise, running.recorder.over.then((): Ended => ({}))]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }
}

/** Waits until the plugin has sent what it had to send, or it turns out that it has ended. */
async function settle({ instance }: PluginEntry, running: Running): Promise<Ended> {
  if (instance === undefined) return { exit: {} };
  let ended: Ended = {};
  const exited = instance.exited.then((exit) => void (ended = { exit }));
  // Its channel may be closed before its end is known.
  const settled = running.settle!().catch(() => exited);
  await settlesWithin(Promise.race([settled, exited]), SETTLE_MS);
  return ended;
}

function endsWithCalls({ calls = [], forMs, maxAnswers }: RecordOptions): boolean {
  return calls.length > 0 && forMs === undefined && maxAnswers === undefined;
}

/** Makes calls one after the other; settles with the reading of what streams they answered with. */
async function makeCalls(
  calls: readonly RecordedCall[],
  { call, signal, failures, reading }: Pick<RecordSteps, "call" | "signal"> & {
    readonly failures: string[];
    readonly reading: AbortController;
  },
): Promise<{ read: Promise<unknown> }> {
  const until = AbortSignal.any([signal, reading.signal]);
  const reads: Promise<unknown>[] = [];
  for (const each of calls) {
    if (signal.aborted) break;
    // It is recorded as well: a replay expects the same error.
    const note = (error: unknown) => void failures.push(`${each.method}: ${errorMessage(error)}`);
    try {
      for (const stream of findStreams(await call(each))) {
        const read = ReadableStream.from(stream).pipeTo(new WritableStream(), { signal: until });
        reads.push(read.catch((error) => until.aborted || note(error)));
      }
    } catch (error) {
      note(error);
    }
  }
  return { read: Promise.all(reads) };
}

function createHead(entry: PluginEntry, facts: StartFacts, hash: string): RecordingHead {
  const { id, version, provides, uses, events, config } = entry.found.manifest!;
  const secrets = config?.secrets ?? [];
  return {
    recording: RECORDING_FORMAT,
    cordon: CORDON_VERSION,
    deno: Deno.version.deno,
    recorded: new Date().toISOString(),
    plugin: { id, version, hash },
    provides,
    uses,
    events: { publishes: [...events.publishes], subscribes: [...events.subscribes] },
    config: hideConfig(facts.config, secrets),
    secrets: [...secrets],
    vars: { ...facts.vars },
    permissions: [...listPermissions(facts.permissions)],
    places: placesOf(entry, facts),
    ignore: [],
  };
}

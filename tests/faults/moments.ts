/**
 * Has a host stop dead at an exact moment of its work, so that a test can kill
 * it there. Imported by programs under test only: it changes what the host is
 * built on.
 *
 * @module
 */

import { Journal } from "../../src/store/journal.ts";
import { LogStore } from "../../src/store/log_store.ts";
import { ProcessStore } from "../../src/store/process_store.ts";

/** What a program under test says, one a line. */
export interface Report {
  /** A moment that was reached: `plugin.state starting test.subject`, `spawned`, `connected`, `printed import` … */
  readonly moment: string;
  /** Position of the last journal entry that the host was told is kept. */
  readonly kept: number;
  /** Time of the last line of the log that is in its file, where the program looks. */
  readonly logged?: string;
}

/** The moment to stop at, and which time it comes, from 1. */
export interface Wanted {
  readonly moment: string;
  readonly time?: number;
}

let kept = 0;

/** Reports moments; at the one that is wanted the whole process stands still, until it is killed. */
export function watchMoments({ moment: wanted, time = 1 }: Wanted): void {
  let left = time;
  const reach = (moment: string) => {
    if (moment !== wanted || --left > 0) return;
    say({ moment, kept });
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  watchJournal(reach);
  watchRegistry(reach);
  watchProcesses(reach);
  watchOutput(reach);
}

/** Says something to whoever started this program. */
export function say(report: Report): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(report)}\n`));
}

/** `writing …` in the middle of a write, `… ` once it is kept. */
function watchJournal(reach: (moment: string) => void): void {
  const { append } = Journal.prototype;
  Journal.prototype.append = function (type, facts, id, time) {
    append.call(this, type, facts, id, time);
    const moment = [type, facts.to, id].filter((part) => part !== undefined).join(" ");
    reach(`writing ${moment}`);
    // A transaction around it has ended by then.
    queueMicrotask(() => {
      kept = this.lastSeq;
      reach(moment);
    });
  };
}

/** `noted`: the process of a plugin is in the registry, and has no order yet. */
function watchRegistry(reach: (moment: string) => void): void {
  const { put } = ProcessStore.prototype;
  ProcessStore.prototype.put = function (record) {
    put.call(this, record);
    reach("noted");
  };
}

/**
 * `spawned`: there is a process; `ordered`: a launcher has its order; `connected`: the bootstrap is there;
 * `signalled …`: a process is about to get a signal.
 */
function watchProcesses(reach: (moment: string) => void): void {
  const { Command, listen } = Deno;
  Deno.Command = class extends Command {
    override spawn(): Deno.ChildProcess {
      const child = super.spawn();
      const kill = child.kill.bind(child);
      child.kill = (signal) => {
        reach(`signalled ${signal}`);
        kill(signal);
      };
      reach("spawned");
      return child;
    }
  };
  const { write } = WritableStreamDefaultWriter.prototype;
  WritableStreamDefaultWriter.prototype.write = async function (chunk) {
    await write.call(this, chunk);
    reach("ordered");
  };
  Deno.listen = ((options: Deno.UnixListenOptions & { transport: "unix" }) => {
    const listener = listen(options);
    const accept = listener.accept.bind(listener);
    listener.accept = async () => {
      const connection = await accept();
      reach("connected");
      return connection;
    };
    return listener;
  }) as typeof Deno.listen;
}

/** `printed …`: a line of a plugin has arrived. */
function watchOutput(reach: (moment: string) => void): void {
  const { append } = LogStore.prototype;
  LogStore.prototype.append = function (record) {
    append.call(this, record);
    if (record.source === "stdout") reach(`printed ${record.message}`);
  };
}

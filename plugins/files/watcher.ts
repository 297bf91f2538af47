import type { Folder } from "./folder.ts";

/** Relative paths that were touched, or everything when nobody knows. */
export type Touched = ReadonlySet<string> | "everything";

/** How a folder is watched; tests replace the clockwork. */
export interface WatchOptions {
  readonly signal: AbortSignal;
  /** Called with what was touched; called again only after it settled. */
  readonly onTouched: (touched: Touched) => Promise<void>;
  /** Called when watching fails and the folder is looked at every few seconds instead. */
  readonly onPolling: (error: unknown) => void;
  readonly watch?: (path: string) => Deno.FsWatcher;
  readonly quietMs?: number;
  readonly pollMs?: number;
}

const QUIET_MS = 100;
const POLL_MS = 3_000;
const MAX_TOUCHED = 500;

/**
 * Watches a folder until the signal aborts. Where watching is impossible, or
 * breaks off, the folder is looked at every few seconds until it works again.
 */
export async function watchFolder(folder: Folder, options: WatchOptions): Promise<void> {
  const { signal, onTouched, onPolling, watch = Deno.watchFs, quietMs = QUIET_MS, pollMs = POLL_MS } =
    options;
  let isFirst = true;
  while (!signal.aborted) {
    try {
      using watcher = watch(folder.path);
      // Whatever happened while nobody watched is found by looking at everything.
      if (!isFirst) await onTouched("everything");
      isFirst = false;
      await follow(watcher, folder, { signal, onTouched, quietMs });
    } catch (error) {
      if (signal.aborted) return;
      onPolling(error);
      isFirst = false;
    }
    await sleep(pollMs, signal);
    if (!signal.aborted) await onTouched("everything");
  }
}

async function follow(
  watcher: Deno.FsWatcher,
  folder: Folder,
  { signal, onTouched, quietMs }: {
    signal: AbortSignal;
    onTouched: WatchOptions["onTouched"];
    quietMs: number;
  },
): Promise<void> {
  const ended = new AbortController();
  const stop = () => close(watcher);
  signal.addEventListener("abort", stop, { once: true });
  let touched = new Set<string>();
  let isEverything = false;
  let wake = Promise.withResolvers<void>();
  const deliver = async () => {
    while (!ended.signal.aborted) {
      await wake.promise;
      // A burst of events becomes one look.
      await sleep(quietMs, AbortSignal.any([signal, ended.signal]));
      if (signal.aborted) return;
      const batch = isEverything || touched.size > MAX_TOUCHED ? "everything" : touched;
      touched = new Set();
      isEverything = false;
      wake = Promise.withResolvers();
      if (batch === "everything" || batch.size > 0) await onTouched(batch);
    }
  };
  const delivering = deliver().finally(stop);
  try {
    if (signal.aborted) return;
    for await (const event of watcher) {
      if (event.kind === "access") continue;
      if (event.flag === "rescan") isEverything = true;
      const paths = event.paths.map((path) => folder.relative(path));
      for (const path of paths) if (path !== undefined && touched.size <= MAX_TOUCHED) touched.add(path);
      wake.resolve();
      // The watch is on the folder that was; one of the same name needs a new watch.
      if (paths.includes("") && (event.kind === "remove" || event.kind === "rename")) return;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    ended.abort();
    wake.resolve();
    await delivering;
  }
}

function close(watcher: Deno.FsWatcher): void {
  try {
    watcher.close();
  } catch {
    // Closed already: the watcher closes itself when it fails.
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}

/** Finds the tag of the page at an address now; `undefined` when there is none. */
export type FindTag = (pathname: string) => Promise<string | undefined>;

type Listener = {
  readonly path: string;
  tag: string;
  readonly send: (text: string) => void;
  readonly end: () => void;
};

const MAX_LISTENERS = 64;
const HEARTBEAT_MS = 25_000;

/** Open pages that want to know when their own content changes, by server-sent events. */
export class LivePages implements Disposable {
  readonly #findTag: FindTag;
  readonly #listeners = new Set<Listener>();
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(findTag: FindTag) {
    this.#findTag = findTag;
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** Answers a page that wants to listen; `known` is the tag of what it shows. */
  async listen(path: string, known: string): Promise<Response> {
    if (this.#listeners.size >= MAX_LISTENERS) {
      return new Response("Too many pages are listening\n", {
        status: 503,
        headers: { "retry-after": "30" },
      });
    }
    const now = await this.#findTag(path) ?? "";
    const encoder = new TextEncoder();
    let listener: Listener | undefined;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        const guarded = (action: () => void) => {
          try {
            action();
          } catch {
            if (listener) this.#remove(listener); // the browser is gone
          }
        };
        listener = {
          path,
          tag: known === "" ? now : known,
          send: (text) => guarded(() => controller.enqueue(encoder.encode(text))),
          end: () => guarded(() => controller.close()),
        };
        this.#listeners.add(listener);
        listener.send("retry: 2000\n\n");
        this.#tell(listener, now);
      },
      cancel: () => {
        if (listener) this.#remove(listener);
      },
    });
    this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT_MS);
    return new Response(body, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    });
  }

  /** Tells each open page whose content is another one now; `changed` names the pages, `undefined` stands for any. */
  async announce(changed?: ReadonlySet<string>): Promise<void> {
    const tags = new Map<string, Promise<string | undefined>>();
    const names = changed && new Set(Array.from(changed, decode));
    for (const listener of [...this.#listeners]) {
      if (names && !names.has(canonical(listener.path))) continue;
      if (!tags.has(listener.path)) tags.set(listener.path, this.#findTag(listener.path));
      this.#tell(listener, await tags.get(listener.path) ?? "");
    }
  }

  /** Ends all connections. */
  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat);
    for (const listener of [...this.#listeners]) {
      this.#remove(listener);
      listener.end();
    }
  }

  #tell(listener: Listener, now: string): void {
    if (listener.tag === now) return;
    listener.tag = now;
    listener.send(`event: changed\ndata: ${now}\n\n`);
  }

  #beat(): void {
    for (const listener of [...this.#listeners]) listener.send(":\n\n");
  }

  #remove(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}

/** The address of a page as the site names it: without a slash in front, a folder as its index. */
function canonical(path: string): string {
  const name = decode(path).replace(/^\/+/, "");
  return name === "" || name.endsWith("/")
    ? `${name}index.html`
    : /\.[^./]+$/.test(name)
    ? name
    : `${name}.html`;
}

function decode(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

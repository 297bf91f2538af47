import type { PluginContext, PluginMethods } from "@cordon/cordon/sdk";
import { tagFile } from "./content.ts";
import { LivePages } from "./live.ts";
import type { Search as Capability } from "./contracts/search.ts";
import type { Search } from "./search_api.ts";
import { createHandler } from "./server.ts";
import { SiteFiles } from "./site_files.ts";

/** What cordon.web offers. */
export interface WebMethods {
  /** Says where the site is shown. */
  address(): string;
}

const HOSTNAME = "127.0.0.1";
const DEFAULT_PORT = 8080;

let ending: AbortController | undefined;
let finished: Promise<void> | undefined;

/** Serves the site until the plugin stops. */
export async function activate(ctx: PluginContext): Promise<WebMethods & PluginMethods> {
  const port = parsePort(ctx.vars["port"]);
  const files = await SiteFiles.open(ctx.vars["output"]);
  const live = new LivePages(async (path) => {
    const found = await files.find(path);
    return found.type === "file" ? (await tagFile(found.file)).tag.replace(/[W/"]/g, "") : undefined;
  });
  const search = async (): Promise<Search> => {
    const search = await ctx.use<Capability>("search");
    if (!search.available) {
      throw Object.assign(new Error("Nothing provides the search"), { code: "capability_unavailable" });
    }
    return (text, options) => search.query(text, options);
  };
  const end = ending = new AbortController();
  const server = listen(port, createHandler({ files, live, search }), (error) => {
    ctx.log.error("Cannot answer a request", { error: String(error) });
  });
  const stop = () => {
    live[Symbol.dispose]();
    finished = server.shutdown();
  };
  AbortSignal.any([ctx.signal, end.signal]).addEventListener("abort", stop, { once: true });
  finished = server.finished;
  ctx.events.on("site.built", async (value) => {
    const changed = (value as { changed?: unknown } | null)?.changed;
    await live.announce(Array.isArray(changed) ? new Set(changed.map(String)) : undefined);
  });
  const address = `http://${HOSTNAME}:${server.addr.port}/`;
  ctx.log.info(`The site is at ${address}`);
  return { address: () => address };
}

/** Ends the server, open connections included. */
export async function deactivate(): Promise<void> {
  ending?.abort();
  await finished;
}

function listen(
  port: number,
  handler: (request: Request) => Promise<Response>,
  onFailed: (error: unknown) => void,
): Deno.HttpServer<Deno.NetAddr> {
  const onError = (error: unknown) => {
    onFailed(error);
    return new Response("The server failed\n", { status: 500 });
  };
  try {
    return Deno.serve({ hostname: HOSTNAME, port, onListen: () => {}, onError }, handler);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AddrInUse
      ? "another program uses it"
      : cause instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new Error(`Cannot serve the site on port ${port}: ${reason}; pass another one with --var port=N`, {
      cause,
    });
  }
}

function parsePort(text: string | undefined): number {
  if (text === undefined || text === "") return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new RangeError(
      `Cannot serve the site on port "${text}": it is no number from 0 to 65535; pass --var port=N`,
    );
  }
  return port;
}

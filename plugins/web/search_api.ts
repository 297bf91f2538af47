/** A section that was found, as cordon.search answers. */
export interface Hit {
  readonly path: string;
  readonly anchor: string;
}

/** Asks cordon.search. */
export type Search = (text: string, options: { limit: number; waitMs: number }) => Promise<readonly Hit[]>;

const MAX_QUERY = 200;
const MAX_LIMIT = 50;
const WAIT_MS = 1_500;

/**
 * Answers `/search`: 400 for a query that is none, 503 while cordon.search is
 * missing. `findUrl` finds the page that a Markdown file became.
 */
export async function answerSearch(
  parameters: URLSearchParams,
  search: () => Promise<Search>,
  findUrl: (path: string) => Promise<string>,
): Promise<Response> {
  const text = parameters.get("q")?.trim() ?? "";
  const limit = Number(parameters.get("limit") ?? 10);
  if (text === "") return refuse(400, "The query is empty: pass ?q=WORDS");
  if (text.length > MAX_QUERY) return refuse(400, `The query is longer than ${MAX_QUERY} characters`);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    return refuse(400, `The limit must be a number from 1 to ${MAX_LIMIT}`);
  }
  try {
    const ask = await search();
    const found = await ask(text, { limit, waitMs: WAIT_MS });
    const hits = await Promise.all(found.map(async (hit) => {
      const fragment = hit.anchor === "" ? "" : `#${encodeURIComponent(hit.anchor)}`;
      return { ...hit, url: await findUrl(hit.path) + fragment };
    }));
    return Response.json({ query: text, hits });
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    if (code === "deadline_exceeded") return refuse(504, "The search takes too long");
    if (code === "capability_unavailable") {
      return refuse(503, 'There is no search: "cordon.search" is not running');
    }
    return refuse(502, "The search failed");
  }
}

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status });
}

/** How a query is answered. */
export interface QueryOptions {
  /** How many sections at most. @default {10} */
  readonly limit?: number | null;
  /** How long to wait for changes to be indexed before answering with what there is. @default {30_000} */
  readonly waitMs?: number | null;
}

/** A section that answers a query. */
export interface Hit {
  /** Path of the page's Markdown. */
  readonly path: string;
  /** Title of the page. */
  readonly title: string;
  /** Heading of the section. */
  readonly heading: string;
  /** Where in the page the section begins; empty for the page itself. */
  readonly anchor: string;
  /** The higher, the better it answers. */
  readonly score: number;
  /** A stretch of its text. */
  readonly snippet: string;
  /** Where in the snippet the words of the query stand. */
  readonly marks: [start: number, end: number][];
}

/** What the index holds. */
export interface SearchStatus {
  readonly pages: number;
  readonly sections: number;
  readonly revision: number;
  /** Whether everything there was at the start has been indexed. */
  readonly ready: boolean;
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/** Finds sections of the documentation by their words. */
export interface Search {
  /** Finds sections by their words, the best first. */
  query(text: string, options?: QueryOptions | null): Promise<Hit[]>;
  /** Says what the index holds. */
  status(): SearchStatus;
}

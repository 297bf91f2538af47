import type { Files } from "./follow.ts";
import type { Heading } from "./layout.ts";

/** The methods of cordon.markdown that building needs. */
export interface Markdown {
  render(text: string, options: { path: string }): Promise<{
    title: string;
    html: string;
    headings: Heading[];
    description: string;
  }>;
  summary(text: string, options: { path: string }): Promise<{ title: string; order?: number | null }>;
}

/** What a site is built from. */
export interface Sources {
  readonly files: Pick<Files, "read" | "readBytes" | "problems">;
  readonly markdown: Markdown;
}

// deno-lint-ignore-file no-import-prefix -- a plugin folder has no import map: packages are named where they are used
import hljs from "npm:highlight.js@11/lib/common";
import dart from "npm:highlight.js@11/lib/languages/dart";
import dockerfile from "npm:highlight.js@11/lib/languages/dockerfile";
import elixir from "npm:highlight.js@11/lib/languages/elixir";
import haskell from "npm:highlight.js@11/lib/languages/haskell";
import http from "npm:highlight.js@11/lib/languages/http";
import nginx from "npm:highlight.js@11/lib/languages/nginx";
import nix from "npm:highlight.js@11/lib/languages/nix";
import powershell from "npm:highlight.js@11/lib/languages/powershell";
import properties from "npm:highlight.js@11/lib/languages/properties";
import protobuf from "npm:highlight.js@11/lib/languages/protobuf";
import scala from "npm:highlight.js@11/lib/languages/scala";
import { escapeHtml } from "./escape.ts";

const MORE = { dart, dockerfile, elixir, haskell, http, nginx, nix, powershell, properties, protobuf, scala };
for (const [name, language] of Object.entries(MORE)) hljs.registerLanguage(name, language);
hljs.registerAliases(["jsonc", "json5"], { languageName: "json" });
hljs.registerAliases(["sh-session", "shellsession"], { languageName: "shell" });

const MAX_BLOCK = 32 * 1024;
const MAX_PAGE = 256 * 1024;

/** Colours the code of one page, as long as there is not too much of it. */
export class Highlighter {
  #left = MAX_PAGE;

  /** A block of code as HTML; in a language nobody knows, or when it is too long, without colours. */
  render(code: string, info: string): string {
    const language = /^[\w+#.-]{1,40}/.exec(info)?.[0] ?? "";
    const title = /\b(?:title|filename)=(?:"([^"]{1,200})"|'([^']{1,200})')/.exec(info);
    const inner = this.#highlight(code, language) ?? escapeHtml(code);
    const label = language === "" ? "" : ` data-lang="${escapeHtml(language)}"`;
    const name = language === "" ? "" : ` class="hljs language-${escapeHtml(language)}"`;
    const block = `<pre${label}><code${name}>${inner}</code></pre>`;
    if (!title) return block;
    return `<figure class="code"><figcaption>${
      escapeHtml(title[1] ?? title[2]!)
    }</figcaption>${block}</figure>`;
  }

  #highlight(code: string, language: string): string | undefined {
    if (code.length > MAX_BLOCK || code.length > this.#left || !hljs.getLanguage(language)) return undefined;
    this.#left -= code.length;
    return hljs.highlight(code, { language, ignoreIllegals: true }).value;
  }
}

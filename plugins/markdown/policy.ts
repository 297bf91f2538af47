import { escapeHtml } from "./escape.ts";

/**
 * What raw HTML in Markdown may become. Everything is an allow-list: what is
 * not named here is dropped. There is no `style`, no event handler, no form,
 * no frame, and no element whose content browsers read by rules of its own.
 */
const ELEMENTS = new Set(
  ("a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure " +
    "h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p picture pre q rp rt ruby s samp section small source span " +
    "strong sub summary sup table tbody td tfoot th thead time tr tt u ul var video audio wbr").split(" "),
);

/** Elements that vanish together with what they hold; of other unknown elements the content stays. */
const DROPPED = new Set(
  ("script style iframe object embed noscript template textarea select title math svg canvas xmp plaintext noembed " +
    "noframes frameset applet").split(" "),
);

/** Elements without an end tag. */
const VOID = new Set(["br", "col", "hr", "img", "input", "source", "wbr"]);

const ALIGN = /^(?:left|right|center|justify|top|middle|bottom)$/i;
const LENGTH = /^\d{1,5}(?:\.\d{1,3})?(?:%|px)?$/;
const NUMBER = /^-?\d{1,6}$/;
const WORDS = /^[\s\S]{0,500}$/;
const LANGUAGE = /^[\w+#.-]{1,40}$/;
const CLASS =
  /^(?:hljs(?:-[\w-]+)?|[a-z]+_|language-[\w+#.-]+|alert(?:-[a-z]+)?|alert-title|footnotes|footnote-(?:ref|back)|code)$/;
const ID = /^(?!cordon-|cordonNav$|cordonPage$)[^\s"'<>&]{1,200}$/;
const PRESENT = /^/;

const GLOBAL: Readonly<Record<string, RegExp>> = {
  title: WORDS,
  lang: LANGUAGE,
  dir: /^(?:ltr|rtl|auto)$/i,
  align: ALIGN,
};
const SIZED = { width: LENGTH, height: LENGTH };
const CELL = {
  colspan: NUMBER,
  rowspan: NUMBER,
  valign: ALIGN,
  width: LENGTH,
  scope: /^(?:row|col|rowgroup|colgroup)$/i,
};
const PLAYER = { ...SIZED, muted: PRESENT, loop: PRESENT };
const BY_ELEMENT: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  img: { ...SIZED, alt: WORDS },
  source: { ...SIZED, media: WORDS, type: /^[\w.+/-]{1,60}$/, sizes: WORDS },
  video: PLAYER,
  audio: PLAYER,
  td: CELL,
  th: CELL,
  col: { span: NUMBER, width: LENGTH },
  colgroup: { span: NUMBER, width: LENGTH },
  table: { width: LENGTH },
  ol: { start: NUMBER, reversed: PRESENT, type: /^[1aAiI]$/ },
  li: { value: NUMBER },
  details: { open: PRESENT },
  time: { datetime: WORDS },
  pre: { "data-lang": LANGUAGE },
};
const LINKS: Readonly<Record<string, readonly string[]>> = {
  a: ["href"],
  img: ["src"],
  source: ["src"],
  video: ["src", "poster"],
  audio: ["src"],
};
const LINK_SCHEMES = new Set(["http", "https", "mailto", "tel"]);
const SOURCE_SCHEMES = new Set(["http", "https"]);
const DATA_IMAGE = /^data:image\/(?:png|gif|jpeg|webp|avif);base64,[A-Za-z0-9+/=\s]{1,100000}$/i;

/** What becomes of an element: its tag stays, its tag goes, or all of it goes. */
export function fateOf(name: string): "keep" | "unwrap" | "drop" {
  if (ELEMENTS.has(name)) return "keep";
  return DROPPED.has(name) ? "drop" : "unwrap";
}

export function isVoid(name: string): boolean {
  return VOID.has(name);
}

/** The id an element may keep: its own, or what old anchors call `name`. */
export function idOf(name: string, attributes: Readonly<Record<string, string>>): string | undefined {
  const id = attributes["id"] ?? (name === "a" ? attributes["name"] : undefined);
  return id !== undefined && ID.test(id) ? id : undefined;
}

/** The attributes that stay, written out; the id apart, which the caller decides. */
export function cleanAttributes(name: string, attributes: Readonly<Record<string, string>>): string {
  if (name === "input") return cleanCheckbox(attributes);
  const own = Object.hasOwn(BY_ELEMENT, name) ? BY_ELEMENT[name]! : {};
  const links = Object.hasOwn(LINKS, name) ? LINKS[name]! : [];
  let html = "";
  for (const [key, value] of Object.entries(attributes)) {
    const rule = Object.hasOwn(own, key) ? own[key] : Object.hasOwn(GLOBAL, key) ? GLOBAL[key] : undefined;
    let clean: string | undefined;
    if (rule) clean = rule.test(value) ? (rule === PRESENT ? "" : value) : undefined;
    else if (links.includes(key)) clean = cleanUrl(value, name === "a" ? "link" : "source");
    else if (key === "srcset" && (name === "img" || name === "source")) clean = cleanSourceSet(value);
    else if (key === "class") {
      clean = value.split(/\s+/).filter((word) => CLASS.test(word)).join(" ") || undefined;
    }
    if (clean !== undefined) {
      html += clean === "" && key !== "alt" ? ` ${key}` : ` ${key}="${escapeHtml(clean)}"`;
    }
  }
  if (name === "img") {
    html += `${Object.hasOwn(attributes, "alt") ? "" : ' alt=""'} loading="lazy" decoding="async"`;
  }
  if (name === "video" || name === "audio") html += ' controls preload="metadata"';
  return html;
}

/** A URL that runs nothing, or `undefined`. */
export function cleanUrl(value: string, use: "link" | "source"): string | undefined {
  // Browsers drop these before they read the scheme, so they are dropped here first.
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  const url = value.replace(/[\t\n\r]/g, "").replace(/^[\u0000-\u0020]+|[\u0000-\u0020]+$/g, "");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return url;
  if ((use === "link" ? LINK_SCHEMES : SOURCE_SCHEMES).has(scheme)) return url;
  return use === "source" && DATA_IMAGE.test(url) ? url : undefined;
}

/** The kinds of raw elements that GitHub shows as text, because an unclosed one would swallow the page. */
export const SHOWN_AS_TEXT =
  /<(?=\/?(?:title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext)\b)/gi;

function cleanSourceSet(value: string): string | undefined {
  const candidates = value.split(/,\s+/).slice(0, 20).map((candidate) => {
    const [url = "", size = ""] = candidate.trim().split(/\s+/, 2);
    const clean = cleanUrl(url, "source");
    return clean && (size === "" || /^\d+(\.\d+)?[wx]$/.test(size)) ? `${clean} ${size}`.trim() : undefined;
  });
  return candidates.every((candidate) => candidate !== undefined) ? candidates.join(", ") : undefined;
}

function cleanCheckbox(attributes: Readonly<Record<string, string>>): string {
  const isChecked = Object.hasOwn(attributes, "checked");
  return ` type="checkbox" disabled${isChecked ? " checked" : ""} aria-label="${
    isChecked ? "Done" : "To do"
  }"`;
}

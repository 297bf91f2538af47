import { Assets } from "./assets.ts";
import { each } from "./follow.ts";
import type { Batch, FileEntry } from "./follow.ts";
import { hashText } from "./hash.ts";
import { OWN_FOLDER, renderLayout, renderListing, renderProblem, renderTitle } from "./layout.ts";
import type { Heading } from "./layout.ts";
import { KeptTexts } from "./kept_texts.ts";
import { OutputError } from "./output.ts";
import type { Output } from "./output.ts";
import { encodePath } from "./page_url.ts";
import { Places } from "./resolve.ts";
import { describeTargets, rewriteLinks } from "./rewrite.ts";
import type { Sources } from "./sources.ts";
import { assignOutputs, hashSurroundings, toTitle, Tree } from "./tree.ts";
import type { Folder, Page } from "./tree.ts";

/** What building works with. */
export interface BuilderOptions {
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly title?: string;
  readonly language: string;
  /** The site's own files, by name. */
  readonly theme: ReadonlyMap<string, string>;
  readonly onSkipped: (path: string, reason: string) => void;
}

/** What one round of building did. */
export interface Round {
  /** URLs of the pages that were written, relative to the root. */
  readonly urls: readonly string[];
  readonly written: number;
  readonly assets: number;
  readonly removed: number;
  readonly ms: number;
}

const WIDTH = 6;

/**
 * Keeps a site equal to the listed files. It takes changes as they come, and
 * works out which pages they concern: those whose text changed, whose
 * neighbours did, or whose links lead elsewhere now.
 */
export class Builder {
  readonly #options: BuilderOptions;
  readonly #places = new Places();
  readonly #pages = new Map<string, Page>();
  readonly #assets: Assets;
  readonly #dirtyPages = new Set<string>();
  readonly #kept = new KeptTexts();
  #tree: Tree | undefined;
  #isMoved = true;
  #started = 0;

  constructor(options: BuilderOptions) {
    this.#options = options;
    this.#assets = new Assets(options);
  }

  get pages(): number {
    return this.#pages.size;
  }

  /** Files known, for noticing those that are gone. */
  *paths(): Iterable<string> {
    yield* this.#pages.keys();
    yield* this.#assets.paths();
  }

  /** What could not be made part of the site. */
  get skipped(): { path: string; reason: string }[] {
    const pages = [...this.#pages.values()].filter((page) => page.problem !== undefined);
    return [
      ...pages.map(({ path, problem }) => ({ path, reason: problem! })),
      ...this.#assets.problems,
    ].sort((a, b) => a.path < b.path ? -1 : 1);
  }

  /** Marks everything to be written again. */
  forget(): void {
    this.#isMoved = true;
    for (const path of this.#pages.keys()) this.#dirtyPages.add(path);
    this.#assets.forget();
  }

  /** Takes in changes; nothing is written yet. */
  async take(batch: Batch, sources: Sources): Promise<void> {
    this.#started ||= performance.now();
    for (const path of batch.removed) this.#remove(path);
    await each(batch.changed, WIDTH, (entry) => this.#takeFile(entry, sources));
  }

  /** Writes what the changes taken in since the last time concern. */
  async write(sources: Sources, name: string): Promise<Round> {
    const { output } = this.#options;
    if (this.#isMoved || !this.#tree) this.#arrange(name);
    const tree = this.#tree!;
    const urls: string[] = [];
    for (const [file, text] of this.#options.theme) await output.write(`${OWN_FOLDER}/${file}`, text);
    // Pages keep cordon.markdown busy, assets only the disk: they go side by side.
    const copying = this.#assets.copy(sources.files);
    const writing = each([...this.#dirtyPages], WIDTH, async (path) => {
      const page = this.#pages.get(path);
      if (page && await this.#writePage(page, tree, sources)) urls.push(encodePath(page.out));
    });
    const [pages, assets] = await Promise.allSettled([writing, copying]);
    this.#kept.clear();
    if (pages.status === "rejected") throw pages.reason;
    if (assets.status === "rejected") throw assets.reason;
    for (const folder of this.#isMoved ? tree.folders.values() : []) {
      if (!folder.index && await this.#writeListing(folder, tree)) urls.push(encodePath(folder.out));
    }
    if (this.#isMoved) {
      await output.write(
        `${OWN_FOLDER}/nav.js`,
        `globalThis.cordonNav = ${JSON.stringify(tree.toJson())};\n`,
      );
      if (!this.#pages.has("404.md")) await output.write("404.html", this.#render404(tree));
    }
    const removed = this.#isMoved ? await this.#removeStale(tree) : 0;
    this.#isMoved = false;
    const ms = Math.round(performance.now() - (this.#started || performance.now()));
    this.#started = 0;
    return { urls, written: urls.length, assets: assets.value, removed, ms };
  }

  async #takeFile({ path, kind, hash }: FileEntry, sources: Sources): Promise<void> {
    const { files, markdown } = sources;
    if (path.startsWith(`${OWN_FOLDER}/`)) {
      this.#assets.refuse(path, `The name "${OWN_FOLDER}" is the site's own`);
      return;
    }
    if (kind === "asset") {
      if (this.#assets.set(path, hash)) this.#isMoved = true;
      this.#places.add(path);
      return;
    }
    const known = this.#pages.get(path);
    // A page that failed is tried again when the list begins anew: something was wrong, perhaps not with it.
    if (known?.hash === hash && known.problem === undefined) return;
    let title: string;
    let order: number | undefined;
    let problem: string | undefined;
    try {
      const text = await files.read(path);
      const summary = await markdown.summary(text, { path });
      this.#kept.keep(path, text);
      title = summary.title;
      order = summary.order ?? undefined;
    } catch (error) {
      await this.#probe(sources);
      title = toTitle(path.replace(/^.*\//, "").replace(/\.[^.]*$/, ""));
      problem = messageOf(error);
    }
    if (!known || known.title !== title || known.order !== order) this.#isMoved = true;
    if (known) Object.assign(known, { hash, title, order, problem });
    else {
      this.#pages.set(path, {
        path,
        hash,
        title,
        order,
        problem,
        out: "",
        context: 0,
        links: [],
        targets: 0,
      });
      this.#places.add(path);
    }
    this.#dirtyPages.add(path);
  }

  #remove(path: string): void {
    if (!this.#pages.delete(path) && !this.#assets.remove(path)) return;
    this.#dirtyPages.delete(path);
    this.#kept.take(path);
    this.#places.remove(path);
    this.#isMoved = true;
  }

  /** Builds the tree anew, and finds the pages that look different because of it. */
  #arrange(name: string): void {
    const { title } = this.#options;
    assignOutputs(this.#pages.values(), this.#places);
    this.#tree = new Tree(this.#pages.values(), this.#places, title);
    const { root } = this.#tree;
    if (!title && !root.index && name !== "") root.title = toTitle(name);
    for (const page of this.#pages.values()) {
      const context = hashSurroundings(this.#tree.surroundings(page), page.out, root.title);
      const targets = hashText(describeTargets(page.links, page, this.#places, this.#outputOf));
      if (page.context !== context || page.targets !== targets) this.#dirtyPages.add(page.path);
      page.context = context;
    }
  }

  async #writePage(page: Page, tree: Tree, sources: Sources): Promise<boolean> {
    const { files, markdown } = sources;
    const { output, signal, onSkipped } = this.#options;
    signal.throwIfAborted();
    let text = { html: "", headings: [] as Heading[], description: "" };
    let problem: string | undefined;
    try {
      text = await markdown.render(this.#kept.take(page.path) ?? await files.read(page.path), {
        path: page.path,
      });
    } catch (error) {
      signal.throwIfAborted();
      await this.#probe(sources);
      problem = messageOf(error);
    }
    const { html, links } = rewriteLinks(text.html, page, this.#places, this.#outputOf);
    const hasTitle = text.headings.some((heading) => heading.depth === 1);
    const body = problem === undefined ? html : renderProblem(problem);
    let isWritten = false;
    try {
      isWritten = await output.write(
        page.out,
        renderLayout({
          ...this.#common(tree),
          out: page.out,
          title: page.title,
          description: text.description,
          html: (hasTitle ? "" : renderTitle(page.title)) + body,
          headings: text.headings,
          source: page.path,
          surroundings: tree.surroundings(page),
        }),
      );
    } catch (error) {
      if (error instanceof OutputError) throw error;
      problem ??= `It cannot be written: ${messageOf(error)}`;
    }
    if (problem !== undefined) onSkipped(page.path, problem);
    page.problem = problem;
    page.links = links;
    page.targets = hashText(describeTargets(links, page, this.#places, this.#outputOf));
    this.#dirtyPages.delete(page.path);
    return isWritten;
  }

  #writeListing(folder: Folder, tree: Tree): Promise<boolean> {
    return this.#options.output.write(
      folder.out,
      renderLayout({
        ...this.#common(tree),
        out: folder.out,
        title: folder.title,
        description: "",
        html: renderTitle(folder.title) + renderListing(folder.children, folder.out),
        headings: [],
        surroundings: tree.surroundings(folder),
      }),
    );
  }

  #render404(tree: Tree): string {
    return renderLayout({
      ...this.#common(tree),
      out: "404.html",
      title: "Not found",
      description: "",
      html: "<h1>Not found</h1>\n<p>There is no page at this address. It may have been moved or removed; " +
        'the list of pages and the search may help, and so may the <a href="/index.html">first page</a>.</p>',
      headings: [],
      surroundings: { ...tree.surroundings(tree.root), crumbs: [] },
      isAbsolute: true,
    });
  }

  async #removeStale(tree: Tree): Promise<number> {
    const { output } = this.#options;
    const wanted = new Set(["404.html", ...this.#assets.paths()]);
    for (const page of this.#pages.values()) wanted.add(page.out);
    for (const folder of tree.folders.values()) wanted.add(folder.out);
    const stale = [...output.paths()].filter((path) =>
      !wanted.has(path) && !path.startsWith(`${OWN_FOLDER}/`)
    );
    for (const path of stale) await output.remove(path);
    return stale.length;
  }

  /** After a page failed: does anything work at all? If not, the whole round fails, to be tried again. */
  async #probe({ files, markdown }: Sources): Promise<void> {
    this.#options.signal.throwIfAborted();
    await files.problems();
    await markdown.summary("", { path: "" });
  }

  #common(tree: Tree): { siteTitle: string; language: string } {
    return { siteTitle: tree.root.title, language: this.#options.language };
  }

  readonly #outputOf = (path: string): string => this.#pages.get(path)?.out ?? path;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

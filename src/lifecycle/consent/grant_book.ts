/**
 * Keeps `grants.toml` of a data folder. A file that people broke is refused as
 * a whole, and the last good one stays in force until it is right again.
 *
 * @module
 */

import { CordonError, errorMessage, formatProblem, type Problem } from "../../errors.ts";
import { type Grants, NO_GRANTS } from "../../permissions/grants.ts";
import type { Registry } from "../registry.ts";

const FILE = "grants.toml";

/** What a book needs of the registry. */
type Memory = Pick<Registry, "journal" | "texts" | "isKeeping">;

/** The file as it stands: nothing, its text, or why it cannot be read. */
type FileText =
  | { readonly type: "missing" }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "unreadable"; readonly problem: Problem };

/** What administrators decided, in a file that they may edit. */
export class GrantBook {
  readonly #path: string;
  readonly #memory: Memory;
  readonly #onNotice: (message: string) => void;
  #grants: Grants = NO_GRANTS;

  constructor(dataDir: string, memory: Memory, onNotice: (message: string) => void) {
    this.#path = `${dataDir}/${FILE}`;
    this.#memory = memory;
    this.#onNotice = onNotice;
  }

  /**
   * Opens the book of a data folder whose lock is held.
   *
   * @param memory Keeps the last good text, and the journal; a registry that keeps nothing is not written to.
   * @param onNotice Told when the file is refused.
   */
  static async open(
    dataDir: string,
    memory: Memory,
    onNotice: (message: string) => void,
  ): Promise<GrantBook> {
    const book = new GrantBook(dataDir, memory, onNotice);
    await book.refresh();
    return book;
  }

  /** What is in force. */
  get grants(): Grants {
    return this.#grants;
  }

  /** Reads the file again; a broken one changes nothing but is told. */
  async refresh(): Promise<void> {
    const { texts, isKeeping } = this.#memory;
    const file = this.#read();
    const reading = await parse(file);
    if (reading.type === "read") {
      this.#grants = reading.data;
      if (!isKeeping) return;
      if (file.type === "text") this.#keep(file.text);
      // Whoever removes the file takes back what it granted, for good.
      else texts.remove(FILE);
      return;
    }
    const last = texts.get(FILE);
    if (last !== undefined) {
      const kept = await parse({ type: "text", text: last });
      if (kept.type === "read") this.#grants = kept.data;
    }
    const rest = last === undefined ? "nothing is granted" : "what it granted before stays in force";
    const message = `${describe(this.#path, reading.problems)}\nUntil it is right, ${rest}.`;
    this.#onNotice(message);
    if (isKeeping) this.#memory.journal.append("grants.refused", { problems: reading.problems, message });
  }

  /**
   * Changes what is decided; it is kept when this returns, and in force.
   *
   * @throws {CordonError} `invalid_grants` while the file is broken: it is not written over.
   */
  async change(change: (grants: Grants) => Grants): Promise<void> {
    const reading = await parse(this.#read());
    if (reading.type === "refused") {
      throw new CordonError("invalid_grants", describe(this.#path, reading.problems), {
        hint: "Put it right by hand, or remove it to begin with nothing granted",
        facts: { problems: reading.problems },
      });
    }
    const grants = change(reading.data);
    const { formatGrants } = await import("./grants_file.ts");
    const text = formatGrants(grants);
    writeWhole(this.#path, text);
    this.#grants = grants;
    this.#keep(text);
  }

  #keep(text: string): void {
    const { texts } = this.#memory;
    if (texts.get(FILE) !== text) texts.put(FILE, text);
  }

  #read(): FileText {
    try {
      const bytes = Deno.readFileSync(this.#path);
      return { type: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return { type: "missing" };
      const message = error instanceof TypeError
        ? "is not UTF-8 text"
        : `cannot be read: ${errorMessage(error)}`;
      return { type: "unreadable", problem: { message } };
    }
  }
}

async function parse(
  file: FileText,
): Promise<{ type: "read"; data: Grants } | { type: "refused"; problems: readonly Problem[] }> {
  if (file.type === "missing") return { type: "read", data: NO_GRANTS };
  if (file.type === "unreadable") return { type: "refused", problems: [file.problem] };
  // The model is large, and a site without decisions does not need it.
  const { readGrants } = await import("./grants_file.ts");
  return readGrants(file.text);
}

function describe(path: string, problems: readonly Problem[]): string {
  const lines = problems.map((problem) => `  ${formatProblem({ file: FILE, ...problem })}`);
  const count = `${problems.length} ${problems.length === 1 ? "problem" : "problems"}`;
  return `Cannot use "${path}": ${count}\n${lines.join("\n")}`;
}

/** Replaces a file as a whole: a process killed meanwhile leaves the old one or the new one. */
function writeWhole(path: string, text: string): void {
  const next = `${path}.new`;
  // One that a killed host left may be another's, or a link.
  removeIfThere(next);
  {
    using file = Deno.openSync(next, { write: true, createNew: true, mode: 0o600 });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncSync();
  }
  Deno.renameSync(next, path);
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

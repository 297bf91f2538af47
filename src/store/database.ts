/**
 * The database of a data folder: SQLite with a write-ahead log, so that a host
 * killed at any moment leaves a database that opens and holds every write that
 * was acknowledged.
 *
 * @module
 */

import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { CordonError, errorMessage } from "../errors.ts";
import { MIGRATIONS } from "./migrations.ts";

/** Codes of SQLite for a file that is no database, or a damaged one. */
const DAMAGED = /not a database|malformed|disk image|corrupt/i;

/** SQLite's words for what the administrator can help; not every failure has its code with it. */
const UNWRITABLE = /disk is full|disk I\/O error|readonly database|unable to open|is locked/i;

/** A value of a column. */
export type SqlValue = string | number | Uint8Array | null;

/** A database that is open. */
export class Database implements Disposable {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #isClosed = false;
  #depth = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Runs a statement. */
  run(sql: string, ...values: readonly SqlValue[]): void {
    try {
      this.#prepare(sql).run(...values as SQLInputValue[]);
    } catch (error) {
      throw explainFailure(error);
    }
  }

  /** Every row of a query. */
  all<Row>(sql: string, ...values: readonly SqlValue[]): Row[] {
    return this.#prepare(sql).all(...values as SQLInputValue[]) as Row[];
  }

  /** The first row of a query. */
  get<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    return this.#prepare(sql).get(...values as SQLInputValue[]) as Row | undefined;
  }

  /** Runs several statements as one: all of them, or none. */
  transaction<Result>(run: () => Result): Result {
    if (this.#depth > 0) return run();
    this.#depth++;
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      const result = run();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk has rolled back by itself.
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw explainFailure(error);
    } finally {
      this.#depth--;
    }
  }

  /** Whether several statements are under way as one. */
  get isInTransaction(): boolean {
    return this.#depth > 0;
  }

  /** Whether the database can still be used. */
  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /** Closes the database. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#statements.clear();
    this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** A failure that somebody can act on as such; any other as it is. */
function explainFailure(error: unknown): unknown {
  if (!UNWRITABLE.test(errorMessage(error))) return error;
  return new CordonError("not_writable", `Cannot write the database: ${errorMessage(error)}`, {
    hint: "See that the data folder can be written and has room",
    cause: error,
  });
}

/** A database, and where a damaged one was moved to. */
export interface OpenedDatabase {
  /** The database. */
  readonly database: Database;
  /** Path of the damaged one it replaces. */
  readonly movedTo: string | undefined;
}

/**
 * Opens the database of a data folder and brings it to the present schema. A
 * damaged one is moved aside and told, never dropped.
 *
 * @throws {CordonError} `data_version` for one made by a newer Cordon, `not_writable`.
 */
export function openDatabase(path: string): OpenedDatabase {
  try {
    return { database: openAt(path), movedTo: undefined };
  } catch (cause) {
    if (cause instanceof CordonError) throw cause;
    if (!DAMAGED.test(errorMessage(cause))) {
      throw new CordonError("not_writable", `Cannot open the database "${path}": ${errorMessage(cause)}`, {
        hint: "See that the folder can be written and has room, or name another with --data",
        cause,
      });
    }
  }
  const movedTo = moveAside(path);
  return { database: openAt(path), movedTo };
}

/** Opens a database that is gone with the block. */
export function openMemoryDatabase(): Database {
  return openAt(":memory:");
}

function openAt(path: string): Database {
  const db = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true });
  try {
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    const check = db.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
    if (check.quick_check !== "ok") throw new Error(`database is malformed: ${check.quick_check}`);
    migrate(db, path);
    if (path !== ":memory:") Deno.chmodSync(path, 0o600);
    return new Database(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: DatabaseSync, path: string): void {
  const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version > MIGRATIONS.length) {
    throw new CordonError(
      "data_version",
      `Cannot use the database "${path}": a newer Cordon made it (version ${version}, this one knows ${MIGRATIONS.length})`,
      { hint: "Use that Cordon, or name another folder with --data" },
    );
  }
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < version) continue;
    db.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}

/** Moves the database and its log aside, together. */
function moveAside(path: string): string {
  const movedTo = `${path}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
  for (const suffix of ["", "-wal", "-shm"]) {
    try {
      Deno.renameSync(path + suffix, movedTo + suffix);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return movedTo;
}

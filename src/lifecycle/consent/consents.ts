/**
 * What administrators do about a plugin's permissions: grant, take back,
 * refuse. Each decision is kept first, then journalled, then in force.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { chooseGranted, type GrantChoice, takeBack } from "../../permissions/grant_choice.ts";
import {
  findGrant,
  type Grant,
  withGrant,
  withoutGrant,
  withoutRefusals,
  withRefusal,
} from "../../permissions/grants.ts";
import { nameOwnFolders, placeOwnFolders } from "../../permissions/own_folders.ts";
import {
  diff,
  intersect,
  isEmpty,
  listPermissions,
  NO_PERMISSIONS,
  type PermissionSet,
  union,
} from "../../permissions/permission_set.ts";
import { formatPermissions } from "./admission.ts";
import type { GrantBook } from "./grant_book.ts";
import { type GrantMode, readRequest } from "./plugin_request.ts";
import type { PluginEntry, PluginTable } from "../plugin_table.ts";
import type { Registry } from "../registry.ts";
import type { Resolution } from "../resolution.ts";
import type { Draft, Takeover } from "../takeover.ts";

/** What to take back. */
export interface RevokeChoice {
  /** Single values, as `net:api.test:443`. @default {everything} */
  readonly only?: readonly string[];
  /** Whether this version shall not be asked about again. @default {false} */
  readonly never?: boolean;
}

/** What consents need. */
export interface ConsentsContext {
  readonly table: PluginTable;
  readonly book: GrantBook;
  readonly registry: Registry;
  readonly resolution: Resolution;
  readonly takeover: Takeover;
  /** Lets a version that waited take over. */
  readonly bringIn: (version: Draft) => Promise<void>;
  /** Whose consent counts on this host. */
  readonly grant: GrantMode;
}

/** The decisions about plugins, and their way into force. */
export class Consents {
  readonly #context: ConsentsContext;

  /** @ignore They are `host.consents`. */
  constructor(context: ConsentsContext) {
    this.#context = context;
  }

  /**
   * Grants a plugin what was chosen of what it asks for; what it has of that already stays.
   *
   * @throws {CordonError} `not_found`, `invalid_input`, `invalid_grants`, `policy`; or why a version that
   * waited cannot take over.
   */
  async grant(id: string, choice: GrantChoice = {}): Promise<void> {
    this.#assertStored("grant");
    await this.#context.takeover.inTurn(() => this.#grant(this.#context.table.require(id), choice));
  }

  /**
   * Takes back what was granted to a plugin, whether it is still there or not.
   *
   * @throws {CordonError} `not_found`, `invalid_input`, `invalid_grants`, `policy`.
   */
  async revoke(id: string, choice: RevokeChoice = {}): Promise<void> {
    this.#assertStored("take back");
    await this.#context.takeover.inTurn(() => this.#revoke(id, choice));
  }

  /**
   * Refuses the version that waits for consent, so that nobody is asked about it again; what an
   * earlier one was granted stays.
   *
   * @throws {CordonError} `not_found`, `invalid_plugin`, `invalid_grants`, `policy`.
   */
  async refuse(id: string): Promise<void> {
    this.#assertStored("refuse");
    await this.#context.takeover.inTurn(() => this.#refuse(this.#context.table.require(id)));
  }

  async #grant(entry: PluginEntry, choice: GrantChoice): Promise<void> {
    const { book, registry, takeover } = this.#context;
    const subject = subjectOf(entry);
    const { request, scope, version } = this.#readRequest(subject);
    const isWhole = choice.scope !== undefined || (choice.only ?? []).length === 0;
    if (isWhole && request.missingVariables.length > 0) {
      const names = request.missingVariables.map((name) => `"${name}"`).join(", ");
      throw new CordonError(
        "invalid_input",
        `Cannot grant to "${entry.id}": its permissions need a value for ${names}`,
        { hint: `Add ${request.missingVariables.map((name) => `--var ${name}=…`).join(" ")}` },
      );
    }
    const chosen = chooseGranted(request, scope, choice);
    // What a version that runs on has of its grant is not lost to the one that waits.
    const requested = [subject, entry].map((one) => this.#readRequest(one).request)
      .reduce((all, { required, optional }) => union(all, union(required, optional)), NO_PERMISSIONS);
    let added: PermissionSet = NO_PERMISSIONS;
    await book.change((grants) => {
      const earlier = findGrant(grants, entry.id);
      const held = placeOwnFolders(earlier?.permissions ?? NO_PERMISSIONS, scope);
      const permissions = union(intersect(held, requested), chosen);
      added = permissions;
      const grant: Grant = {
        plugin: entry.id,
        version,
        granted: new Date().toISOString(),
        supervised: choice.supervise ?? earlier?.supervised ?? false,
        permissions: nameOwnFolders(permissions, scope),
      };
      return withoutRefusals(withGrant(grants, grant), entry.id);
    });
    const shown = isEmpty(added) ? "nothing" : formatPermissions(listPermissions(added));
    registry.journal.append("consent.granted", {
      version,
      values: [...listPermissions(added)],
      message: `${version} was granted ${shown}`,
    }, entry.id);
    if (subject === entry) await takeover.readmit(entry, "what it was granted has changed");
    else for (const version of await takeover.readDrafts([entry])) await this.#context.bringIn(version);
  }

  async #revoke(id: string, choice: RevokeChoice): Promise<void> {
    const { table, book, registry, takeover } = this.#context;
    const entry = table.find(id);
    const grant = findGrant(book.grants, id);
    if (entry === undefined && grant === undefined) {
      throw new CordonError(
        "not_found",
        `Cannot take back from "${id}": it is not there and was granted nothing`,
      );
    }
    if (choice.never === true) return await this.#refuseForGood(id, choice);
    if (grant === undefined) {
      throw new CordonError("invalid_input", `Cannot take back from "${id}": nothing was granted to it`, {
        hint: `See what it asks for: cordon permissions ${id}`,
      });
    }
    const rest = choice.only === undefined || choice.only.length === 0
      ? NO_PERMISSIONS
      : this.#takeBack(entry, grant, choice.only);
    await book.change((grants) =>
      isEmpty(rest) ? withoutGrant(grants, id) : withGrant(grants, { ...grant, permissions: rest })
    );
    const { narrowed } = diff(grant.permissions, rest);
    registry.journal.append("consent.revoked", {
      version: grant.version,
      values: narrowed,
      message: `${formatPermissions(narrowed) || "an empty grant"} was taken back`,
    }, id);
    if (entry?.found.manifest !== undefined) await takeover.readmit(entry, "its permissions were taken back");
  }

  async #refuse(entry: PluginEntry): Promise<void> {
    const { book, registry, takeover } = this.#context;
    const subject = subjectOf(entry);
    const { version } = this.#readRequest(subject);
    await book.change((grants) =>
      withRefusal(grants, { plugin: entry.id, version, refused: new Date().toISOString() })
    );
    registry.journal.append("consent.refused", { version, message: `${version} was refused` }, entry.id);
    if (subject === entry) await takeover.readmit(entry, "it was refused");
    else takeover.reviewPending(entry);
  }

  async #refuseForGood(id: string, { only = [] }: RevokeChoice): Promise<void> {
    const { table, book } = this.#context;
    const entry = table.find(id);
    if (only.length > 0 || entry === undefined) {
      throw new CordonError(
        "invalid_input",
        `Cannot refuse "${id}" for good: ${
          entry === undefined ? "it is not there" : "single values cannot be, only a version as a whole"
        }`,
      );
    }
    if (findGrant(book.grants, id) !== undefined) await this.#revoke(id, {});
    await this.#refuse(entry);
  }

  #takeBack(entry: PluginEntry | undefined, grant: Grant, only: readonly string[]): PermissionSet {
    if (entry === undefined) {
      throw new CordonError(
        "invalid_input",
        `Cannot take back single values from "${grant.plugin}": it is not there`,
        { hint: `Take back everything: cordon revoke ${grant.plugin}` },
      );
    }
    const { scope } = this.#readRequest(entry);
    return nameOwnFolders(takeBack(placeOwnFolders(grant.permissions, scope), scope, only), scope);
  }

  #readRequest(entry: PluginEntry): ReturnType<typeof readRequest> & { version: string } {
    const { resolution, table } = this.#context;
    const { manifest } = entry.found;
    if (manifest === undefined || entry.problems.length > 0) throw table.refusal(entry);
    const { request, scope } = readRequest(manifest, resolution.contextOf(entry));
    if (request.problems.length > 0) throw table.refusal(entry);
    return { request, scope, version: manifest.version };
  }

  #assertStored(action: string): void {
    if (this.#context.grant === "stored") return;
    throw new CordonError(
      "policy",
      `Cannot ${action}: this host grants whatever manifests ask for, by --grant requested`,
      { hint: "Start it without --grant requested, so that decisions count" },
    );
  }
}

/** What a decision is about: the version that waits, unless it cannot be used as it is. */
function subjectOf(entry: PluginEntry): PluginEntry {
  const { pending } = entry;
  // Consent makes neither usable.
  return pending?.reason === undefined || pending.reason === "rejected" ? entry : pending.draft;
}

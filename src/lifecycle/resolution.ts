/**
 * Decides which of the plugins found can start, and in which order: consent
 * and policy asked, dependencies resolved; again whenever a decision changes.
 *
 * @module
 */

import type { Capabilities } from "../bus/capabilities.ts";
import { formatProblem } from "../errors.ts";
import { type Manifest, PHASES } from "../manifest/manifest.ts";
import { describeResource } from "../manifest/shared_resource.ts";
import type { ExposurePlaces } from "../permissions/exposure_rule.ts";
import { type DependencyGraph, resolveGraph } from "../solver/graph.ts";
import type { GraphNode } from "../solver/graph_node.ts";
import type { ProviderChoice } from "../solver/offers.ts";
import { type Admission, admit, judgePlugin } from "./consent/admission.ts";
import type { ChoiceBook } from "./capabilities/choice_book.ts";
import type { ContractVerdicts } from "./capabilities/contract_verdicts.ts";
import { describeConsent } from "./consent/consent.ts";
import { type HostFolders, realPath } from "./folders.ts";
import type { GrantBook } from "./consent/grant_book.ts";
import { findMachinePlaces } from "./consent/machine_places.ts";
import { scorePlugin } from "./consent/plugin_exposure.ts";
import type { AdmissionContext } from "./consent/plugin_request.ts";
import type { PluginEntry, PluginTable } from "./plugin_table.ts";
import type { PluginState } from "./state.ts";
import { describeRejection } from "./versions/rolled_back.ts";
import type { VersionStore } from "./versions/version_store.ts";

/** States of plugins that neither run nor are about to. */
const IDLE: ReadonlySet<PluginState> = new Set(["discovered", "blocked", "ready", "stopped", "failed"]);

/** What the site decided, for all plugins. */
export type SiteDecisions = Pick<AdmissionContext, "vars" | "grant" | "policy" | "tier" | "assumeVariables">;

/** What a resolution needs. */
export interface ResolutionContext {
  readonly table: PluginTable;
  readonly folders: HostFolders;
  readonly decisions: SiteDecisions;
  /** Which resources of a plugin are bounded here. */
  readonly findBounded: (manifest: Manifest) => PluginEntry["bounded"];
  /** What administrators decided, as it is now. */
  readonly book: Pick<GrantBook, "grants">;
  /** Which providers they chose. */
  readonly choices: Pick<ChoiceBook, "all">;
  /** Told who serves whom from now on. */
  readonly capabilities: Pick<Capabilities, "arrange">;
  /** Which contracts fit each other. */
  readonly verdicts: Pick<ContractVerdicts, "find">;
  /** Why files of a plugin do not run though they could: they were rolled back from. */
  readonly findRejection: VersionStore["findRejection"];
}

/** Which plugins can start, and in which order. */
export class Resolution {
  readonly #context: ResolutionContext;
  readonly #machine: ExposurePlaces = findMachinePlaces();
  /** Of the machine, and of all plugins. */
  #places: ExposurePlaces = {};
  #graph: DependencyGraph;

  /** Moves every discovered plugin to `ready`, `blocked` or `invalid`. */
  constructor(context: ResolutionContext) {
    this.#context = context;
    this.take(context.table.list());
    this.#graph = this.#readGraph();
    this.#arrange();
    this.#placeAll();
  }

  /** Who waits for whom, of the plugins that may start. */
  get graph(): DependencyGraph {
    return this.#graph;
  }

  /**
   * Decides about plugins that are new in the table. What that means for the others, and for those
   * that relied on a plugin that was removed from it, is told by {@linkcode Resolution.resolve}.
   */
  take(entries: readonly PluginEntry[]): void {
    const dirs = this.#context.table.list().map(({ found }) => found.dir);
    this.#places = { ...this.#machine, executableDirs: [...this.#machine.executableDirs ?? [], ...dirs] };
    for (const entry of entries) this.settle(entry, this.examine(entry));
  }

  /** Decides about a plugin as it stands now and notes what it asks for; moves nothing. */
  examine(entry: PluginEntry): Admission {
    const { manifest, dir } = entry.found;
    const context = this.contextOf(entry);
    if (manifest !== undefined) {
      const { data, scratch } = this.#context.folders.ofPlugin(entry.id);
      entry.places = { ...this.#places, codeDir: dir, privateDirs: [data, scratch] };
      entry.bounded = this.#context.findBounded(manifest);
      entry.expectedTier = manifest.run.mode === "worker" ? "worker" : this.#context.decisions.tier;
      Object.assign(entry, judgePlugin(manifest, context));
      entry.consent = describeConsent(manifest, context);
      entry.seen = this.#seen();
    }
    if (entry.problems.length > 0 || manifest === undefined) {
      return { type: "invalid", messages: entry.problems.map(formatProblem) };
    }
    return this.#findRejection(entry) ?? admit(manifest, context);
  }

  /** Moves a plugin that does not run by what was decided; an admitted one waits for its dependencies. */
  settle(entry: PluginEntry, admission: Admission): void {
    const { table } = this.#context;
    entry.admitted = admission.type === "admitted" ? admission : undefined;
    switch (admission.type) {
      case "admitted":
        if (entry.state === "invalid") table.move(entry, "discovered");
        break;
      case "blocked": {
        const { reason, message, hint } = admission;
        if (entry.state === "invalid") table.move(entry, "discovered");
        table.move(entry, "blocked", { reason, message, hint });
        break;
      }
      case "invalid":
        if (entry.problems.length === 0) entry.problems = admission.messages.map((message) => ({ message }));
        if (entry.state !== "discovered") table.move(entry, "discovered");
        table.move(entry, "invalid", describeInvalid(entry.found.dir, admission.messages));
        break;
      default:
        admission satisfies never;
    }
  }

  /**
   * Resolves the dependencies again, after a decision about a plugin has changed.
   *
   * @returns The ids of those that can start now and could not before.
   */
  resolve(): string[] {
    this.#graph = this.#readGraph();
    this.#arrange();
    return this.#placeAll();
  }

  /** The graph there would be with other versions of some plugins. */
  graphWith(drafts: readonly PluginEntry[]): DependencyGraph {
    return this.#readGraph({ drafts });
  }

  /** The graph there would be with other choices of providers. */
  preview(choices: ReadonlyMap<string, ProviderChoice>): DependencyGraph {
    return this.#readGraph({ choices });
  }

  /** Why what a provider offers does not fit what a consumer was written against; undefined where it does. */
  explainMismatch(consumer: PluginEntry, provider: PluginEntry, capability: string): string | undefined {
    const verdict = this.#context.verdicts.find(consumer, provider, capability);
    return verdict?.type === "incompatible" ? verdict.reasons.join("; ") : undefined;
  }

  /** Everything that a decision about a plugin depends on. */
  contextOf(entry: PluginEntry): AdmissionContext {
    const { folders, decisions, book } = this.#context;
    const { data, scratch } = folders.ofPlugin(entry.id);
    // Several look at the same paths, for one decision.
    const known = new Map<string, string>();
    return {
      ...decisions,
      grants: book.grants,
      scoreOf: (permissions) => scorePlugin(entry, permissions, this.#seen())!,
      dir: entry.found.dir,
      dataDir: data,
      scratchDir: scratch,
      protectedDirs: folders.protected,
      realPath: (path) => {
        const real = known.get(path) ?? realPath(path);
        known.set(path, real);
        return real;
      },
      denoVersion: Deno.version.deno,
      os: Deno.build.os,
    };
  }

  #findRejection({ id, found: { content } }: PluginEntry): Admission | undefined {
    const rejection = content === undefined ? undefined : this.#context.findRejection(id, content);
    return rejection && {
      type: "blocked",
      reason: "rejected",
      message: `Cannot start "${id}": ${describeRejection(rejection)}`,
      hint: `Change its files, or take them as they are: cordon reload ${id} --force`,
    };
  }

  #seen(): "given" | "unseen" {
    const { grant, assumeVariables } = this.#context.decisions;
    // A host opened for looking asks what would be if everything were granted.
    return grant === "requested" && !assumeVariables ? "unseen" : "given";
  }

  #arrange(): void {
    const { capabilities, choices } = this.#context;
    capabilities.arrange({ choices: choices.all, bindings: this.#graph.bindings });
  }

  #readGraph(
    { drafts = [], choices = this.#context.choices.all }: {
      drafts?: readonly PluginEntry[];
      choices?: ReadonlyMap<string, ProviderChoice>;
    } = {},
  ): DependencyGraph {
    const entries = this.#context.table.list().map((entry) =>
      drafts.find(({ id }) => id === entry.id) ?? entry
    );
    const isNode = (entry: PluginEntry) => entry.admitted !== undefined;
    return resolveGraph(entries.filter(isNode).map(toNode), {
      choices,
      unavailable: entries.filter((entry) => !isNode(entry) && entry.found.manifest !== undefined)
        .map(({ id, found }) => ({ id, provides: versionsOf(found.manifest!.provides) })),
      isIncompatible: (consumer, provider, capability) => {
        const [user, giver] = [consumer, provider].map((id) => entries.find((entry) => entry.id === id)!);
        return this.explainMismatch(user!, giver!, capability);
      },
    });
  }

  /** Moves admitted plugins that do not run by what the graph says. */
  #placeAll(): string[] {
    const { table } = this.#context;
    const ready: string[] = [];
    for (const entry of table.list()) {
      if (entry.admitted === undefined || !IDLE.has(entry.state)) continue;
      const problems = this.#graph.problems.get(entry.id);
      const message = problems?.map(({ message }) => message).join("; ");
      if (problems !== undefined) {
        // What is known already is no news.
        if (entry.state === "blocked" && entry.detail.message === message) continue;
        const { type, hint = "See who waits for whom: cordon graph" } = problems[0]!;
        const reason = type === "conflict" ? "conflict" : "dependency";
        table.move(entry, "blocked", { reason, message, hint });
      } else if (entry.state === "discovered" || entry.state === "blocked") {
        table.move(entry, "ready");
        ready.push(entry.id);
      }
    }
    return ready;
  }
}

function describeInvalid(dir: string, problems: readonly string[]): { message: string; hint: string } {
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  return {
    message: `Cannot use "${dir}": ${problems[0]}${more}`,
    hint: `See everything: cordon check ${dir}`,
  };
}

function toNode({ found }: PluginEntry): GraphNode {
  const { id, version, run, requires, optional, conflicts, provides, uses, resources } = found
    .manifest as Manifest;
  return {
    id,
    version,
    phase: PHASES.indexOf(run.phase),
    requires,
    optional,
    conflicts,
    provides: versionsOf(provides),
    uses,
    resources: Object.fromEntries(
      Object.entries(resources).map(([name, resource]) => [name, describeResource(resource)]),
    ),
  };
}

function versionsOf(provides: Manifest["provides"]): Record<string, string> {
  return Object.fromEntries(Object.entries(provides).map(([name, { version }]) => [name, version]));
}

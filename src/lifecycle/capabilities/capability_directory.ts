/**
 * What administrators see and decide about capabilities: who provides each to
 * whom, and which provider is to be taken. A decision is kept first, then
 * journalled, then in force.
 *
 * @module
 */

import type { Capabilities } from "../../bus/capabilities.ts";
import { CordonError } from "../../errors.ts";
import type { DependencyGraph } from "../../solver/graph.ts";
import { startsWithHost } from "../activation.ts";
import { type CapabilityInfo, describeCapability, listCapabilities, offersOf } from "./capability_info.ts";
import type { ChoiceBook } from "./choice_book.ts";
import type { Conductor } from "../conductor.ts";
import type { PluginTable } from "../plugin_table.ts";
import type { Registry } from "../registry.ts";
import type { Resolution } from "../resolution.ts";
import type { Takeover } from "../takeover.ts";

/** What a directory needs. */
export interface DirectoryContext {
  readonly table: PluginTable;
  readonly resolution: Resolution;
  readonly registry: Registry;
  readonly conductor: Conductor;
  readonly takeover: Takeover;
  readonly choices: ChoiceBook;
  readonly capabilities: Capabilities;
}

/** The capabilities of a host's plugins. */
export class CapabilityDirectory {
  readonly #context: DirectoryContext;

  /** @ignore It is `host.capabilities`. */
  constructor(context: DirectoryContext) {
    this.#context = context;
  }

  /** Every capability that a plugin provides or uses, by name. */
  list(): CapabilityInfo[] {
    const { table, choices } = this.#context;
    return listCapabilities({ entries: table.list(), choices: choices.all }).map((name) =>
      this.#describe(name)
    );
  }

  /**
   * Has one plugin provide a capability to everybody who uses it, from now on.
   *
   * @param capability Its name.
   * @param provider Id of the plugin; started first where a plugin that runs is to be served by it.
   * @returns The capability as it is then.
   * @throws {CordonError} `not_found`; `policy` where the site's file decides; `dependency` where a plugin
   * could not start any more; `start_failed`.
   */
  async prefer(capability: string, provider: string): Promise<CapabilityInfo> {
    await this.#context.takeover.inTurn(() => this.#prefer(capability, provider));
    return this.#describe(capability);
  }

  /**
   * Takes back what was chosen for a capability.
   *
   * @returns The capability as it is then.
   * @throws {CordonError} `not_found`.
   */
  async clear(capability: string): Promise<CapabilityInfo> {
    await this.#context.takeover.inTurn(async () => {
      this.#assertKnown(capability);
      const wasChosen = this.#context.choices.all.get(capability)?.by === "administrator";
      this.#context.choices.change(capability, undefined);
      if (!wasChosen) return;
      await this.#enforce("capability.released", {
        capability,
        message: `whoever provides "${capability}" is nobody's choice any more`,
      });
    });
    return this.#describe(capability);
  }

  async #prefer(capability: string, provider: string): Promise<void> {
    const { table, choices, resolution, conductor } = this.#context;
    this.#assertKnown(capability);
    const subject = `Cannot prefer "${provider}" for "${capability}"`;
    const offers = offersOf(capability, table.list());
    if (!offers.some(({ id }) => id === provider)) {
      const known = offers.map(({ id, version }) => `${id} (${version})`).join(", ");
      throw new CordonError(
        "not_found",
        `${subject}: ${table.find(provider) === undefined ? "it is not there" : "it does not provide that"}`,
        { hint: known === "" ? "Nothing provides it" : `It is provided by ${known}` },
      );
    }
    const before = choices.all.get(capability);
    if (before?.by === "site") {
      throw new CordonError("policy", `${subject}: cordon.toml names "${before.id}", and that counts`, {
        hint: "Change it there, under [providers]",
      });
    }
    const preview = resolution.preview(choices.with(capability, provider));
    const harmed = [...preview.problems.keys()].find((id) => !resolution.graph.problems.has(id));
    if (harmed !== undefined) {
      throw new CordonError("dependency", `${subject}: "${harmed}" could not start any more`, {
        hint: preview.problems.get(harmed)![0]!.message,
      });
    }
    // Whoever is served by it next is not to wait for its start.
    if (this.#isAwaited(capability, provider, preview)) await conductor.start(table.require(provider));
    choices.change(capability, provider);
    await this.#enforce("capability.preferred", {
      capability,
      before: before?.id,
      message: `it provides "${capability}" to everybody who uses that`,
    }, provider);
  }

  /** Whether a plugin that runs would be served by a provider. */
  #isAwaited(capability: string, provider: string, { bindings }: DependencyGraph): boolean {
    const { table } = this.#context;
    return table.list().some(({ id, instance }) =>
      instance !== undefined && bindings.get(id)?.get(capability) === provider
    );
  }

  /** Brings a choice that is kept into force. */
  async #enforce(type: string, facts: Record<string, unknown>, id?: string): Promise<void> {
    const { registry, resolution, conductor, table } = this.#context;
    registry.journal.append(type, facts, id);
    const ready = registry.batch(() => resolution.resolve());
    if (!conductor.isStarted) return;
    await conductor.startThese(
      ready.filter((one) => startsWithHost(table.find(one)!.found.manifest!)),
    );
  }

  #describe(name: string): CapabilityInfo {
    const { table, resolution, choices, capabilities } = this.#context;
    return describeCapability(name, {
      entries: table.list(),
      graph: resolution.graph,
      choices: choices.all,
      running: capabilities,
    });
  }

  #assertKnown(capability: string): void {
    const { table, choices } = this.#context;
    const known = listCapabilities({ entries: table.list(), choices: choices.all });
    if (known.includes(capability)) return;
    throw new CordonError("not_found", `Cannot find the capability "${capability}"`, {
      hint: known.length === 0 ? "No plugin provides or uses any" : `There are ${known.join(", ")}`,
    });
  }
}

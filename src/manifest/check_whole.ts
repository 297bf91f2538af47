/**
 * What a model of single fields cannot see: what the parts of a manifest say
 * about each other. Takes a document of any shape, since it is asked even
 * where the model refuses some part: all problems are told at once.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import { parseSize } from "../internal/units.ts";
import { formatKeyPath } from "./key_path.ts";
import { PLUGIN_ID } from "./model_values.ts";
import { MAX_RESOURCE_BYTES, MAX_RESOURCES } from "./shared_resource.ts";

/** Topics of one plugin whose events are kept. */
const MAX_KEPT_TOPICS = 32;

/** Finds what is wrong with the whole of a manifest's document. */
export function checkWhole(document: unknown): Problem[] {
  const { plugin, run, requires, conflicts, provides, uses, events, resources } = asTable(document);
  return [
    ...checkIdleStop(asTable(run)),
    ...checkRequiredIds(asTable(requires)),
    ...checkTopics(asTable(events)),
    ...checkItself(asTable(plugin).id, [
      [["requires"], requires],
      [["conflicts"], conflicts],
      [["requires", "optional"], asTable(requires).optional],
    ]),
    ...Object.keys(asTable(uses)).filter((name) => Object.hasOwn(asTable(provides), name)).map((name) => ({
      path: formatKeyPath(["uses", name]),
      message: "is provided by the plugin itself",
    })),
    ...Object.entries(asTable(provides)).flatMap(([name, provided]) =>
      checkIdempotent(name, asTable(provided))
    ),
    ...checkResources(Object.values(asTable(resources))),
  ];
}

function checkIdempotent(name: string, { methods, idempotent }: Record<string, unknown>): Problem[] {
  if (!Array.isArray(methods) || !Array.isArray(idempotent)) return [];
  return idempotent.flatMap((method, index) =>
    methods.includes(method) ? [] : [{
      path: formatKeyPath(["provides", name, "idempotent", index]),
      message: `${JSON.stringify(method)} is none of its methods`,
    }]
  );
}

function checkIdleStop(run: Record<string, unknown>): Problem[] {
  const { activate } = run;
  const startsAgain = Array.isArray(activate) &&
    activate.every((way) => typeof way === "string" && way.startsWith("on:"));
  if (run.idle_stop === undefined || startsAgain) return [];
  return [{
    path: "run.idle_stop",
    message: 'only goes with activate = ["on:…"]: without it nothing starts again',
  }];
}

function checkRequiredIds(requires: Record<string, unknown>): Problem[] {
  return Object.keys(requires).filter((id) => id !== "optional" && !PLUGIN_ID.test(id)).map((id) => ({
    path: formatKeyPath(["requires", id]),
    message: 'expected a plugin id as key, as "acme.geo"',
  }));
}

function checkTopics({ publishes, topics }: Record<string, unknown>): Problem[] {
  const kept = Object.values(asTable(topics)).filter((topic) => asTable(topic).delivery === "at-least-once");
  return [
    ...(kept.length > MAX_KEPT_TOPICS
      ? [{
        path: "events.topics",
        message: `holds more than ${MAX_KEPT_TOPICS} topics with delivery = "at-least-once"`,
      }]
      : []),
    ...Object.entries(asTable(topics)).flatMap(([topic, value]) => {
      const path = formatKeyPath(["events", "topics", topic]);
      const { delivery, keep } = asTable(value);
      return [
        ...(Array.isArray(publishes) && publishes.includes(topic)
          ? []
          : [{ path, message: "is not among events.publishes" }]),
        ...(keep === undefined || delivery === "at-least-once"
          ? []
          : [{ path: `${path}.keep`, message: 'only goes with delivery = "at-least-once"' }]),
      ];
    }),
  ];
}

function checkItself(id: unknown, tables: readonly (readonly [path: string[], ids: unknown])[]): Problem[] {
  if (typeof id !== "string") return [];
  return tables.filter(([, ids]) => Object.hasOwn(asTable(ids), id)).map(([path]) => ({
    path: formatKeyPath([...path, id]),
    message: "names the plugin itself",
  }));
}

function checkResources(resources: readonly unknown[]): Problem[] {
  const path = "resources";
  const bytes = resources.reduce((sum: number, resource) => sum + sizeOf(asTable(resource).max), 0);
  return [
    ...resources.length > MAX_RESOURCES
      ? [{ path, message: `names ${resources.length} resources: ${MAX_RESOURCES} is the most` }]
      : [],
    ...bytes > MAX_RESOURCE_BYTES
      ? [{ path, message: `holds more than ${MAX_RESOURCE_BYTES / 2 ** 20} MiB in all` }]
      : [],
  ];
}

function sizeOf(text: unknown): number {
  try {
    return typeof text === "string" ? parseSize(text) : 0;
  } catch {
    // The model says what is wrong with it.
    return 0;
  }
}

function asTable(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : {};
}

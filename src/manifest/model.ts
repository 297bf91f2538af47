/**
 * The model of `plugin.toml` and `plugin.json`: what is allowed where, with the
 * words that the reference in `docs/manifest.md` shows. `parse.ts` turns a
 * document of this model into a `Manifest`.
 *
 * @module
 */

import { z } from "zod";
import { parseRate, parseShare, parseSize } from "../internal/units.ts";
import { checkPermissionText } from "../permissions/parse.ts";
import type { PermissionKind } from "../permissions/permission_set.ts";
import { checked, duration, matching } from "./fields.ts";
import { PHASES } from "./manifest.ts";
import {
  CAPABILITY_NAME,
  capabilityName,
  contractPath,
  insidePath,
  line,
  mainPath,
  methodName,
  parseKeptSize,
  parseStateSize,
  pluginId,
  pluginRanges,
  rangeText,
  sharedResource,
  TOPIC,
  TOPIC_PATTERN,
  versionText,
} from "./model_values.ts";

function permissionList(kind: PermissionKind, field: string, description: string, example: string) {
  const value = checked((text) => checkPermissionText(kind, text), description, [example]);
  return z.array(z.strictObject({
    [field]: z.array(value).min(1).max(256).meta({ description }),
    reason: line.min(1).meta({ description: "What it is for; shown when consent is asked." }).optional(),
    optional: z.boolean().meta({ description: "Whether the plugin starts without it. Default: `false`." })
      .optional(),
  })).max(64).optional();
}

/** Under which key the values of each kind stand. */
export const PERMISSION_FIELDS: Readonly<Record<PermissionKind, string>> = {
  net: "hosts",
  read: "paths",
  write: "paths",
  env: "names",
  sys: "names",
  run: "programs",
  ffi: "paths",
};

const PATHS = "Absolute paths, or beginning with `$PLUGIN`, `$DATA`, `$TMP` or a `${variable}`.";

/** The model of a manifest document. */
export const manifestModel = z.strictObject({
  schema: z.literal(1, { error: "expected 1, the only version of the manifest there is" }).meta({
    description: "Version of the manifest's format.",
  }),
  plugin: z.strictObject({
    id: pluginId.meta({ description: "Publisher and name; never changes.", examples: ["acme.weather"] }),
    version: versionText.meta({ description: "Semantic version of the plugin." }),
    main: mainPath.meta({ description: "Main module, inside the plugin's folder." }),
    name: line.min(1).max(80).meta({ description: "Name shown to people. Default: the id." }).optional(),
    description: line.meta({ description: "One sentence for people." }).optional(),
    license: line.max(120).meta({ description: "SPDX expression.", examples: ["MIT"] }).optional(),
    homepage: z.url({ protocol: /^https?$/, error: "expected an http(s) address" }).meta({
      description: "Web page of the plugin.",
    }).optional(),
    categories: z.array(matching(/^[a-z][a-z0-9-]{0,31}$/, "a word in lower case")).max(16).meta({
      description: "Words to file it under.",
    }).optional(),
    stage: z.enum(["experimental", "stable", "deprecated"]).meta({
      description: "Maturity. Default: `stable`.",
    })
      .optional(),
  }),
  engines: z.strictObject({
    cordon: rangeText.meta({ description: "Versions of Cordon it runs on." }).optional(),
    deno: rangeText.meta({ description: "Versions of Deno it runs on." }).optional(),
  }).optional(),
  run: z.strictObject({
    mode: z.enum(["process", "worker"]).meta({ description: "Kind of sandbox. Default: `process`." })
      .optional(),
    phase: z.enum(PHASES).meta({ description: "Coarse order of starting. Default: `services`." }).optional(),
    activate: z.array(
      z.string().regex(/^startup$|^on:call$|^on:event:/, {
        error: 'expected "startup", "on:call" or "on:event:<topic pattern>"',
      }).refine((text) => !text.startsWith("on:event:") || TOPIC_PATTERN.test(text.slice(9)), {
        error: 'expected a topic pattern behind "on:event:", as "on:event:clock.*"',
      }),
    ).min(1).max(32).meta({
      description: "What starts it: the host's start, a call, events. Default: `startup`.",
    }).optional(),
    idle_stop: duration("Stops it after this long without work; only with `on:*`.").optional(),
  }).optional(),
  permissions: z.strictObject({
    net: permissionList("net", "hosts", "Hosts with port.", "api.weather.test:443"),
    read: permissionList("read", "paths", PATHS, "$PLUGIN/assets"),
    write: permissionList("write", "paths", PATHS, "$DATA"),
    env: permissionList("env", "names", "Names of environment variables.", "LANG"),
    sys: permissionList("sys", "names", "Names of system facts, as in `--allow-sys`.", "hostname"),
    run: permissionList("run", "programs", "Absolute programs.", "/usr/bin/git"),
    ffi: permissionList("ffi", "paths", "Native libraries.", "/usr/lib/libz.so.1"),
  }).optional(),
  // That the keys are plugin ids is checked with the whole document.
  requires: z.object({ optional: pluginRanges.optional() }).catchall(rangeText).meta({
    description: "Plugins it needs: id = range; `[requires.optional]` for those it can do without.",
  })
    .optional(),
  conflicts: pluginRanges.meta({ description: "Plugins it cannot run beside: id = range." }).optional(),
  provides: z.record(
    capabilityName,
    z.strictObject({
      version: versionText,
      methods: z.array(methodName).max(256).meta({ description: "Methods that `activate()` returns." }),
      idempotent: z.array(methodName).max(256).meta({
        description: "Those of them that are called again when the plugin ends before it has answered.",
      }).optional(),
      contract: contractPath.optional(),
    }),
  ).meta({ description: "Capabilities it provides, by name." }).optional(),
  uses: z.record(
    capabilityName,
    z.union([
      rangeText,
      z.strictObject({
        version: rangeText,
        optional: z.boolean().optional(),
        contract: contractPath.optional(),
      }),
    ], {
      error:
        'expected a range, as "^1", or { version = "^1", optional = true, contract = "contracts/name.ts" }',
    }),
  ).meta({
    description:
      "Capabilities it uses: name = range, or a table with `version`, `optional` and `contract`, " +
      "the types it was written against.",
  }).optional(),
  events: z.strictObject({
    publishes: z.array(matching(TOPIC, 'a topic, as "weather.updated"')).max(256).meta({
      description: "Topics it publishes on.",
    }).optional(),
    subscribes: z.array(matching(TOPIC_PATTERN, 'a topic pattern, as "clock.*"')).max(256).meta({
      description: "Topics or patterns it listens to; `*` is one segment, a final `**` one or more.",
    }).optional(),
    topics: z.record(
      matching(TOPIC, 'a topic, as "weather.updated"'),
      z.strictObject({
        delivery: z.enum(["at-most-once", "at-least-once"]).meta({
          description:
            "`at-least-once`: events are on disk before `publish()` settles, and come again until they are taken. Default: `at-most-once`.",
        }).optional(),
        retain: z.boolean().meta({
          description: "Whether later subscribers begin with the last event. Default: `false`.",
        }).optional(),
        keep: z.strictObject({
          events: z.int().min(1).max(1_000_000).meta({
            description: "Most events on disk. Default: `10000`.",
            examples: [10_000],
          }).optional(),
          age: duration("Greatest age of an event on disk.", "7d").optional(),
          size: checked(
            parseKeptSize,
            "What the events on disk may weigh, `256MiB` at most. Default: `64MiB`.",
            [
              "64MiB",
            ],
          ).optional(),
        }).meta({ description: "How long events are kept; only with `at-least-once`. Each bound holds." })
          .optional(),
      }),
    ).meta({ description: "How the events of a topic are delivered, by topic." }).optional(),
  }).optional(),
  resources: z.record(matching(CAPABILITY_NAME, 'a name in lower case, as "acme.printer"'), sharedResource)
    .meta({
      description: "Things it shares with other plugins, by name: lock, semaphore, counter, cache or blob.",
    }).optional(),
  limits: z.strictObject({
    memory: checked(
      parseSize,
      "Memory of the whole process; 64 MiB at least, of which Deno takes about 40. Default: `512MiB`.",
      ["128MiB"],
    ).optional(),
    cpu: checked(parseShare, "Sustained share of one core.", ["50%"]).optional(),
    call_timeout: duration("Longest time for a call to answer.", "5s").optional(),
    start_timeout: duration("Longest time to start.", "10s").optional(),
    storage: checked(parseSize, "Room in `$DATA`.", ["50MiB"]).optional(),
    file_size: checked(parseSize, "Size of one file that it writes.", ["10MiB"]).optional(),
    descriptors: z.int().min(64).max(65_536).meta({
      description: "Files and sockets open at once; Deno takes about 25. Default: `256`.",
      examples: [256],
    }).optional(),
    threads: z.int().min(16).max(4_096).meta({
      description: "Threads of the process and of what it starts; Deno takes up to 48. Default: `112`.",
      examples: [112],
    }).optional(),
    stream_idle: duration(
      "Longest time for it to send or read nothing of a stream that somebody waits for.",
      "5m",
    ).optional(),
    log_rate: checked(parseRate, "Log records kept. Default: `200/s`.", ["200/s"]).optional(),
  }).optional(),
  health: z.strictObject({
    interval: duration("Time between checks.", "15s").optional(),
    timeout: duration("Longest time for a check to answer.", "3s").optional(),
    restart: z.enum(["never", "on-failure", "always"]).meta({
      description: "When to start it again. Default: `on-failure`.",
    }).optional(),
    backoff: z.tuple([duration("First wait."), duration("Longest wait.")]).meta({
      description: 'First and longest wait before a restart. Default: `["1s", "1m"]`.',
    }).optional(),
    max_restarts: checked(parseRate, "More than this and it has failed. Default: `5/10m`.", ["5/10m"])
      .optional(),
    failures: z.int().min(1).max(100).meta({
      description: "Checks in a row that fail before it is started again. Default: `3`.",
      examples: [3],
    }).optional(),
    lag: duration("It is degraded while its event loop is this far behind.", "1s").optional(),
    error_rate: checked(
      parseShare,
      "It is degraded while more of its calls fail than this. Default: `50%`.",
      [
        "50%",
      ],
    ).optional(),
    dependency: z.enum(["wait", "degrade", "stop"]).meta({
      description: "What it does while a plugin that it needs is started again. Default: `wait`.",
    }).optional(),
  }).optional(),
  reload: z.strictObject({
    state: z.enum(["none", "transfer"]).meta({
      description: "Whether a new version takes over the state. Default: `none`.",
    }).optional(),
    exclusive: z.boolean().meta({
      description: "Whether the old version stops before the new one starts. Default: `false`.",
    }).optional(),
    drain: duration("Longest wait for calls in flight.", "5s").optional(),
    unfinished: z.enum(["finish", "cancel"]).meta({
      description:
        "What lasts longer than that, as a stream: it ends on the old version, or is cancelled. Default: `finish`.",
    }).optional(),
    timeout: duration("Longest time for handing the state over, and for taking it.", "2s").optional(),
    state_size: checked(parseStateSize, "What the state may weigh, `15MiB` at most. Default: `8MiB`.", [
      "8MiB",
    ]).optional(),
    state_schema: insidePath.meta({ description: "JSON Schema that the state has to keep to." }).optional(),
    trial: duration("A new version goes back to the one before when it fails within this time.", "60s")
      .optional(),
    trial_crashes: z.int().min(0).max(100).meta({
      description: "Crashes that it may have in that time. Default: `0`.",
      examples: [0],
    }).optional(),
  }).optional(),
  config: z.strictObject({
    schema: insidePath.meta({ description: "JSON Schema of the configuration." }),
    version: z.int().min(1).max(1_000_000).meta({
      description: "Version of the configuration. Default: `1`.",
    })
      .optional(),
    secrets: z.array(z.string().min(1).max(128)).max(64).meta({
      description: "Keys whose values are never shown.",
    }).optional(),
  }).optional(),
  ui: z.strictObject({
    panel: insidePath.meta({ description: "Page shown in the console." }),
  }).optional(),
});

/** A document that the model accepts. */
export type ManifestDocument = z.infer<typeof manifestModel>;

/** The JSON Schema of the document, for editors. */
export function manifestJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(manifestModel, { io: "input", target: "draft-2020-12" });
  return { ...schema, title: "Cordon plugin manifest" };
}

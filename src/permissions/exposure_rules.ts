/**
 * The rules of the exposure score, as data: what counts, how much, and why.
 * Ids are stable; `docs/exposure.md` shows this table.
 *
 * @module
 */

import {
  combination,
  type ExposurePlaces,
  type ExposureRule,
  host,
  isInAny,
  isRelatedToAny,
  path,
  permission,
  setting,
} from "./exposure_rule.ts";
import { IDENTITY_FACTS, isSecretName } from "./telling_names.ts";
import {
  encloses,
  EXECUTED_PLACES,
  HARMLESS_PLACES,
  HOME,
  liesIn,
  SECRET_PLACES,
  SHARED_PLACES,
  touches,
} from "./sensitive_places.ts";

const BEYOND = ["net-public", "net-internal", "net-listen"];
const SECRETS = ["read-everything", "read-secrets", "net-metadata"];
const FILES = ["read-everything", "read-secrets", "read-personal", "read-wide", "read-folder"];
const PLANTS = ["write-everything", "write-executed", "write-code"];

/** Every rule; of one kind of permission the heavier stands first, behind what is the plugin's own. */
export const EXPOSURE_RULES: readonly ExposureRule[] = [
  // Programs and native code leave Deno's permissions: whatever else is granted hardly matters.
  permission("run", {
    id: "run",
    points: 10,
    when: "a program may be started",
    text: "starts {0}, which does what its user may",
  }),
  permission("ffi", {
    id: "ffi",
    points: 10,
    when: "a native library may be loaded",
    text: "loads {0}, native code that no permission holds",
  }),

  // Whoever can change what others run has their rights at their next start.
  path("write", {
    id: "write-private",
    points: 0.2,
    when: "the plugin's private folder",
    text: "writes its private folder",
    takes: ({ path, places }) => isInAny(path, places.privateDirs),
  }),
  path("write", {
    id: "write-everything",
    points: 10,
    when: "the root, a whole drive, or a whole home folder",
    text: "writes {0}, and so can replace what its user runs",
    takes: ({ names, homes }) => names.length === 1 || encloses(names, HOME, homes),
  }),
  path("write", {
    id: "write-executed",
    points: 9,
    when:
      "programs, libraries, start-up files, system settings, folders of `PATH`, the code of another plugin",
    text: "writes {0}, which others run or obey",
    takes: ({ path, names, homes, places }) =>
      touches(names, EXECUTED_PLACES, homes) ||
      isRelatedToAny(path, places.executableDirs?.filter((dir) => dir !== places.codeDir)),
  }),
  path("write", {
    id: "write-code",
    points: 5,
    when: "the plugin's own code",
    text: "writes {0}, its own code: what runs next is not what was looked at",
    takes: ({ path, places }) => isRelatedToAny(path, codeOf(places)),
  }),
  path("write", {
    id: "write-wide",
    points: 4,
    when: "a folder right beneath the root, or one shared for temporary files",
    text: "writes {0}, a folder that many share",
    takes: ({ names, homes }) => names.length === 2 || encloses(names, SHARED_PLACES, homes),
  }),
  path("write", {
    id: "write-personal",
    points: 3,
    when: "files in a home folder",
    text: "writes {0}, somebody's files",
    takes: ({ names, homes }) => liesIn(names, HOME, homes),
  }),
  path("write", { id: "write-folder", points: 2, when: "any other folder or file", text: "writes {0}" }),

  path("read", {
    id: "read-own",
    points: 0,
    when: "the plugin's own folder, and its private one",
    text: "reads its own folder",
    takes: ({ path, places }) => isInAny(path, codeOf(places)) || isInAny(path, places.privateDirs),
  }),
  path("read", {
    id: "read-everything",
    points: 8,
    when: "the root or a whole drive",
    text: "reads {0}: every file that its user may read",
    takes: ({ names }) => names.length === 1,
  }),
  path("read", {
    id: "read-secrets",
    points: 6,
    when: "keys, passwords, sessions, system files, other processes, a whole home folder",
    text: "reads {0}, where secrets are kept",
    takes: ({ names, homes }) =>
      touches(names, SECRET_PLACES, homes) && !liesIn(names, HARMLESS_PLACES, homes),
  }),
  path("read", {
    id: "read-personal",
    points: 2.5,
    when: "files in a home folder",
    text: "reads {0}, somebody's files",
    takes: ({ names, homes }) => liesIn(names, HOME, homes),
  }),
  path("read", {
    id: "read-wide",
    points: 2,
    when: "a folder right beneath the root",
    text: "reads {0}, a folder that many share",
    takes: ({ names }) => names.length === 2,
  }),
  path("read", { id: "read-folder", points: 1, when: "any other folder or file", text: "reads {0}" }),

  host("metadata", {
    id: "net-metadata",
    points: 6,
    when: "link-local and metadata addresses, as `169.254.169.254`",
    text: "reaches {0}, where clouds hand out the credentials of the machine",
  }),
  host("public", {
    id: "net-public",
    points: 2,
    when: "a host on the internet",
    text: "reaches {0} on the internet",
  }),
  host("internal", {
    id: "net-internal",
    points: 2,
    when: "private addresses and local names",
    text: "reaches {0} in the network around this machine",
  }),
  host("any", {
    id: "net-listen",
    points: 1.5,
    when: "every address of the machine, as `0.0.0.0`",
    text: "listens on {0}, open to other machines",
  }),
  host("loopback", {
    id: "net-loopback",
    points: 1,
    when: "this machine only",
    text: "reaches {0} on this machine",
  }),

  permission("env", {
    id: "env-secret",
    points: 2.5,
    when: "a variable that is named like a secret",
    text: "reads {0}, by its name a secret",
    takes: isSecretName,
  }),
  permission("env", { id: "env-plain", points: 0.2, when: "any other variable", text: "reads {0}" }),

  permission("sys", {
    id: "sys-priority",
    points: 0.5,
    when: "`setPriority`",
    text: "sets the priority of processes",
    takes: (name) => name === "setPriority",
  }),
  permission("sys", {
    id: "sys-identity",
    points: 0.4,
    when: "the user, the name of the machine, its network interfaces",
    text: "learns {0}: who and where it is",
    takes: (name) => IDENTITY_FACTS.has(name),
  }),
  permission("sys", {
    id: "sys-facts",
    points: 0.2,
    when: "any other fact about the system",
    text: "learns {0}",
  }),

  combination("exfiltration", {
    id: "exfiltrate-secrets",
    points: 3,
    when: "secrets can be read and sent beyond the machine",
    text: "can send what is in {0} to {1}",
    all: [SECRETS, BEYOND],
  }),
  combination("exfiltration", {
    id: "exfiltrate-data",
    points: 1.5,
    when: "files or secret variables can be read and sent beyond the machine",
    text: "can send what is in {0} to {1}",
    all: [[...FILES, "env-secret"], BEYOND],
  }),
  combination("plant-code", {
    id: "plant-code",
    points: 1.5,
    when: "code can be fetched and put where it will run",
    text: "can put into {0} what it fetches from {1}",
    all: [PLANTS, BEYOND],
  }),
  combination("bridge", {
    id: "bridge",
    points: 1,
    when: "the inner network can be joined with the world outside",
    text: "can join {0} with {1}",
    all: [["net-internal"], ["net-public", "net-listen"]],
  }),

  setting("tier", {
    id: "tier-worker",
    points: 3,
    when: "tier `worker`",
    text: "shares Cordon's process, and can exhaust or end it",
    applies: ({ tier }) => tier === "worker",
  }),
  setting("tier", {
    id: "tier-deno",
    points: 0.7,
    when: "tier `deno`",
    text: "is held by Deno's permissions alone, without the kernel's",
    applies: ({ tier, supervised }) => tier === "deno" && !supervised,
  }),
  setting("tier", {
    id: "tier-deno-supervised",
    points: 0.5,
    when: "tier `deno`, supervised",
    text: "is held by Deno's permissions alone, which can be taken back at once",
    applies: ({ tier, supervised }) => tier === "deno" && supervised === true,
  }),
  setting("consent", {
    id: "consent-unseen",
    points: 0.3,
    when: "nobody looked at what was granted: `--grant requested`",
    text: "has what it asked for without anybody having looked",
    applies: ({ consent }) => consent === "unseen",
  }),
  setting("memory", {
    id: "memory-unlimited",
    points: 0.2,
    when: "no limit on memory",
    text: "may use all memory",
    applies: ({ limits }) => !limits.memory,
  }),
  setting("cpu", {
    id: "cpu-unlimited",
    points: 0.1,
    when: "no limit on processor time",
    text: "may use all processors",
    applies: ({ limits }) => !limits.cpu,
  }),
];

function codeOf({ codeDir }: ExposurePlaces): string[] {
  return codeDir === undefined ? [] : [codeDir];
}

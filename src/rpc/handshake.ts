/**
 * How two ends agree on what they speak: the host offers with its first
 * request, the sandbox chooses with the answer. An end that knows nothing of
 * this speaks version 1, which had no streams.
 *
 * @module
 */

import { CordonError } from "../errors.ts";

/** Something that not every end can do. */
export type ProtocolFeature = "streams" | "links" | "trace";

/** What one end speaks. */
export interface ProtocolOffer {
  /** Oldest and newest version of the protocol. */
  readonly versions: readonly [oldest: number, newest: number];
  /** What it can do beside that. */
  readonly features: readonly string[];
}

/** What both ends speak. */
export interface ProtocolChoice {
  /** Version of the protocol. */
  readonly version: number;
  /** What both can do beside that. */
  readonly features: readonly string[];
}

/** What this version of Cordon speaks. */
export const PROTOCOL: ProtocolOffer = {
  versions: [1, 2],
  features: ["streams", "links", "trace"] satisfies ProtocolFeature[],
};

/** What an end speaks that says nothing of it. */
const FIRST: ProtocolChoice = { version: 1, features: [] };

/**
 * Chooses what both ends speak: the newest common version, the common features.
 *
 * @param offer What the far end speaks, as it came.
 * @throws {CordonError} `protocol_mismatch`.
 */
export function chooseProtocol(offer: unknown, ours: ProtocolOffer = PROTOCOL): ProtocolChoice {
  if (offer === undefined) return checkVersion(FIRST, ours);
  const { versions, features } = asRecord(offer);
  const [oldest, newest] = Array.isArray(versions) ? versions : [];
  if (!Number.isSafeInteger(oldest) || !Number.isSafeInteger(newest) || !isTexts(features)) {
    throw mismatch("the other side does not say what it speaks");
  }
  const version = Math.min(newest, ours.versions[1]);
  if (version < Math.max(oldest, ours.versions[0])) {
    throw mismatch(`this side speaks ${describe(ours.versions)}, the other ${describe([oldest, newest])}`);
  }
  return { version, features: ours.features.filter((feature) => features.includes(feature)) };
}

/**
 * Reads what the far end chose of an offer of ours.
 *
 * @param choice As it came; undefined from an end that knows nothing of this.
 * @throws {CordonError} `protocol_mismatch` for what was not offered.
 */
export function readChoice(choice: unknown, ours: ProtocolOffer = PROTOCOL): ProtocolChoice {
  if (choice === undefined) return checkVersion(FIRST, ours);
  const { version, features } = asRecord(choice);
  if (!Number.isSafeInteger(version) || !isTexts(features)) {
    throw mismatch("the other side does not say what it chose");
  }
  const known = ours.features.filter((feature) => features.includes(feature));
  return checkVersion({ version: version as number, features: known }, ours);
}

function checkVersion(choice: ProtocolChoice, { versions }: ProtocolOffer): ProtocolChoice {
  if (choice.version >= versions[0] && choice.version <= versions[1]) return choice;
  throw mismatch(`this side speaks ${describe(versions)}, the other ${choice.version}`);
}

function mismatch(why: string): CordonError {
  return new CordonError("protocol_mismatch", `Cannot talk: ${why}`, {
    hint: "Run both with the same version of Cordon",
  });
}

function describe([oldest, newest]: readonly [number, number]): string {
  return oldest === newest ? String(oldest) : `${oldest} to ${newest}`;
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw mismatch("the other side does not say what it speaks");
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= 64 && value.every((text) => typeof text === "string");
}

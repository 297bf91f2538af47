/**
 * A contract: what the TypeScript interface of a capability says, as data.
 *
 * @module
 */

import type { Schema } from "./schema.ts";

/** Largest file of a contract. */
export const MAX_CONTRACT_BYTES = 64 * 1024;

/** Most contracts of one plugin. */
export const MAX_CONTRACTS = 64;

/** A method of a contract. */
export interface MethodContract {
  /** Its name. */
  readonly name: string;
  /** What its list of arguments has to be. */
  readonly parameters: Schema;
  /** What it answers. */
  readonly result: Schema;
}

/** What a contract says. */
export interface Contract {
  /** The exported name of its interface; `default` for the default export. */
  readonly interfaceName: string;
  /** The methods of the interface. */
  readonly methods: readonly MethodContract[];
  /** The types that schemas refer to, by name. */
  readonly definitions: Readonly<Record<string, Schema>>;
  /** What is taken without a check, in words. */
  readonly unchecked: readonly string[];
}

/** A contract that a manifest names. */
export interface ContractRequest {
  /** The capability that it is about. */
  readonly capability: string;
  /** Whether the plugin provides the capability, or uses it. */
  readonly role: "provides" | "uses";
  /** Path inside the plugin's folder. */
  readonly file: string;
  /** Methods that the manifest promises; undefined for a capability that is used. */
  readonly methods?: readonly string[];
}

/** A contract with its file. */
export interface ContractFile extends Pick<ContractRequest, "capability" | "role" | "file"> {
  /** What the file holds. */
  readonly text: string;
  /** Hash of the text, without the header that `cordon types` writes. */
  readonly hash: string;
  /** What it says. */
  readonly contract: Contract;
}

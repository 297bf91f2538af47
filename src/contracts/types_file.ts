/**
 * The file of types that `cordon types` writes: a contract under a header that
 * says where it came from, and by which it is known again.
 *
 * @module
 */

/** How each such file begins. */
const MARK = "// Written by cordon types: changes are lost.";

/** Where a contract came from. */
export interface ContractOrigin {
  /** The capability. */
  readonly capability: string;
  /** Version of the capability. */
  readonly version: string;
  /** Id of the plugin that provides it. */
  readonly provider: string;
}

/** The text of the file. */
export function writeTypesFile({ capability, version, provider }: ContractOrigin, text: string): string {
  return `${MARK}\n// Capability "${capability}" ${version}, as "${provider}" provides it.\n\n${
    stripHeader(text)
  }`;
}

/** Whether a file was written so. */
export function isTypesFile(text: string): boolean {
  return text.startsWith(`${MARK}\n`);
}

/** The contract without the header. */
export function stripHeader(text: string): string {
  return isTypesFile(text) ? text.replace(/^(?:\/\/[^\n]*\n){2}\n?/, "") : text;
}

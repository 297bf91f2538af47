/**
 * The version of Cordon. A test holds it equal to the one in `deno.json`.
 *
 * @module
 */

/** Version of Cordon. */
export const CORDON_VERSION: string = "1.0.0";

/**
 * Where errors of a tested plugin come from.
 *
 * @module
 */

import { RemoteError } from "../../rpc/remote_error.ts";

/**
 * Has errors that crossed a border show the line that threw them, causes
 * included: in one process the way from there is no secret, and a failing test
 * is read for it.
 */
export async function showOrigin<Result>(promise: Promise<Result>): Promise<Result> {
  try {
    return await promise;
  } catch (thrown) {
    for (let error = thrown; error instanceof Error; error = error.cause) {
      if (error instanceof RemoteError && error.remoteStack !== undefined) error.stack = error.remoteStack;
    }
    throw thrown;
  }
}

/**
 * Recordings in files.
 *
 * @module
 */

import { CordonError, errorMessage } from "../errors.ts";
import { MAX_RECORDING_BYTES, parseRecording, type Recording } from "./recording.ts";
import type { RecordingSink } from "./recorder.ts";

/**
 * Makes the file of a recording, for its owner only; what is there is left alone.
 *
 * @throws {CordonError} `invalid_input` if the name is taken, `not_writable`.
 */
export async function createRecordingFile(path: string): Promise<RecordingSink> {
  try {
    const file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
    return {
      async write(bytes) {
        for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      },
      close: () => file.close(),
    };
  } catch (cause) {
    if (cause instanceof Deno.errors.AlreadyExists) {
      throw new CordonError("invalid_input", `Cannot record into "${path}": it is there already`, {
        hint: "Name another file with --out",
        cause,
      });
    }
    throw new CordonError("not_writable", `Cannot record into "${path}": ${errorMessage(cause)}`, { cause });
  }
}

/**
 * Reads a recording from a file.
 *
 * @throws {CordonError} `not_found`, `not_readable` or `invalid_input`.
 */
export async function readRecording(path: string | URL): Promise<Recording> {
  const name = path instanceof URL ? path.href : path;
  try {
    const { size, isFile } = await Deno.stat(path);
    if (!isFile) throw new CordonError("invalid_input", `Cannot read the recording "${name}": it is no file`);
    if (size > MAX_RECORDING_BYTES) {
      const bound = `${MAX_RECORDING_BYTES / 1024 / 1024} MiB`;
      throw new CordonError("invalid_input", `Cannot read the recording "${name}": it is over ${bound} long`);
    }
    return parseRecording(await Deno.readTextFile(path), name);
  } catch (cause) {
    if (cause instanceof CordonError) throw cause;
    const isMissing = cause instanceof Deno.errors.NotFound;
    throw new CordonError(
      isMissing ? "not_found" : "not_readable",
      `Cannot read the recording "${name}": ${isMissing ? "it does not exist" : errorMessage(cause)}`,
      { cause },
    );
  }
}

/**
 * Text of a byte stream, line by line, with a bound on the length of a line.
 *
 * @module
 */

/** Longest line handed out, in characters; the rest of a longer one comes as further lines. */
const MAX_LINE = 8_192;

/**
 * Reads a stream to its end, handing each line to `onLine`.
 *
 * @param hold Settles when reading may go on; undefined when that is now.
 */
export async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
  hold: () => Promise<void> | undefined = () => undefined,
): Promise<void> {
  let pending = "";
  const take = (text: string, isEnd: boolean) => {
    const lines = (pending + text).split(/\r?\n/);
    pending = lines.pop()!;
    for (const line of lines) emit(line);
    // One more than the bound: it may be half of a "\r\n".
    while (pending.length > MAX_LINE + 1 || (isEnd && pending !== "")) {
      onLine(pending.slice(0, MAX_LINE));
      pending = pending.slice(MAX_LINE);
    }
  };
  const emit = (line: string) => {
    for (let at = 0; at === 0 || at < line.length; at += MAX_LINE) onLine(line.slice(at, at + MAX_LINE));
  };
  const decoder = new TextDecoder();
  try {
    for await (const chunk of stream) {
      take(decoder.decode(chunk, { stream: true }), false);
      await hold();
    }
  } catch {
    // The process went while it was read: what came until then is all there is.
  }
  take(decoder.decode(), true);
}

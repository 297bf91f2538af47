/**
 * Topics and the patterns that match them, as the host understands them.
 *
 * @module
 */

/** Whether a pattern matches a topic: `*` stands for one segment, a final `**` for one or more. */
export function matchesTopic(pattern: string, topic: string): boolean {
  const source = pattern.split(".").map((segment, index, { length }) =>
    segment === "**" && index === length - 1 ? ".+" : segment === "*" ? "[^.]+" : segment
  );
  return new RegExp(`^${source.join("\\.")}$`).test(topic);
}

/** Whether a topic is well-formed. */
export function isTopic(text: string): boolean {
  return text.length <= 256 && /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(text);
}

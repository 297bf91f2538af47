/**
 * Topics and the patterns that match them.
 *
 * @module
 */

/**
 * Whether a pattern matches a topic: `*` stands for one segment, a final `**`
 * for one or more.
 */
export function matchesTopic(pattern: string, topic: string): boolean {
  const wanted = pattern.split(".");
  const given = topic.split(".");
  for (const [index, segment] of wanted.entries()) {
    if (segment === "**" && index === wanted.length - 1) return given.length > index;
    if (index >= given.length || (segment !== "*" && segment !== given[index])) return false;
  }
  return wanted.length === given.length;
}

/** Whether a topic is well-formed: segments of lower-case letters, digits, `_` and `-`. */
export function isTopic(text: string): boolean {
  return text.length <= 256 && /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(text);
}

/**
 * What was said about topic patterns, found by topic: a tree of segments, so
 * that looking up a topic costs by its own length, however many patterns there
 * are that do not match.
 *
 * @module
 */

interface Node<Item> {
  /** By the next segment; `*` is one like the others, since no topic has it. */
  readonly children: Map<string, Node<Item>>;
  /** Of patterns that end here. */
  readonly ending: Set<Item>;
  /** Of patterns that go on with a final `**`. */
  readonly open: Set<Item>;
}

/** Items by pattern, found by topic. */
export class TopicIndex<Item> {
  readonly #root: Node<Item> = createNode();
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds an item under a pattern; the same one twice is there once. */
  add(pattern: string, item: Item): void {
    const { path, isOpen } = readPattern(pattern);
    let node = this.#root;
    for (const segment of path) {
      let next = node.children.get(segment);
      if (next === undefined) node.children.set(segment, next = createNode());
      node = next;
    }
    const items = isOpen ? node.open : node.ending;
    if (!items.has(item)) this.#size++;
    items.add(item);
  }

  /** Takes an item away, with the branch that nothing else needs. */
  delete(pattern: string, item: Item): void {
    const { path, isOpen } = readPattern(pattern);
    const nodes = [this.#root];
    for (const segment of path) {
      const next = nodes.at(-1)!.children.get(segment);
      if (next === undefined) return;
      nodes.push(next);
    }
    const last = nodes.at(-1)!;
    if ((isOpen ? last.open : last.ending).delete(item)) this.#size--;
    for (let depth = path.length; depth > 0 && isEmpty(nodes[depth]!); depth--) {
      nodes[depth - 1]!.children.delete(path[depth - 1]!);
    }
  }

  /** Every item whose pattern matches a topic. */
  match(topic: string): Item[] {
    const found: Item[] = [];
    if (this.#size > 0) collect(this.#root, topic.split("."), 0, found);
    return found;
  }
}

function collect<Item>(node: Node<Item>, segments: readonly string[], depth: number, found: Item[]): void {
  if (depth === segments.length) {
    for (const item of node.ending) found.push(item);
    return;
  }
  for (const item of node.open) found.push(item);
  if (node.children.size === 0) return;
  const exact = node.children.get(segments[depth]!);
  if (exact !== undefined) collect(exact, segments, depth + 1, found);
  const any = node.children.get("*");
  if (any !== undefined) collect(any, segments, depth + 1, found);
}

function readPattern(pattern: string): { path: string[]; isOpen: boolean } {
  const path = pattern.split(".");
  const isOpen = path.at(-1) === "**";
  if (isOpen) path.pop();
  return { path, isOpen };
}

function createNode<Item>(): Node<Item> {
  return { children: new Map(), ending: new Set(), open: new Set() };
}

function isEmpty({ children, ending, open }: Node<unknown>): boolean {
  return children.size === 0 && ending.size === 0 && open.size === 0;
}

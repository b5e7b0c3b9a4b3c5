/**
 * A browser's translator puts every text of the page into elements of its own, or another text in its place. Whoever put
 * the text there (React, a library) then takes it away, or puts something before it, by a parent that it has no more:
 * the browser throws, and what was drawn is gone. Here the text stands for what the translator has put around it.
 */

/** The child of `parent` that holds a node; null where none does. */
function childHolding(parent: Node, node: Node): Node | null {
  let child: Node | null = node;
  while (child !== null && child.parentNode !== parent) child = child.parentNode;
  return child;
}

/** Has the page bear a translator. A node that never was a text of the parent is refused as always. */
export function bearTranslators(): void {
  const { removeChild, insertBefore } = Node.prototype;
  Node.prototype.removeChild = function <T extends Node>(this: Node, child: T): T {
    if (child?.parentNode === this || !(child instanceof Text)) return removeChild.call(this, child) as T;
    const around = childHolding(this, child);
    if (around) removeChild.call(this, around);
    return child;
  };
  Node.prototype.insertBefore = function <T extends Node>(this: Node, node: T, before: Node | null): T {
    if (!(before instanceof Text) || before.parentNode === this) return insertBefore.call(this, node, before) as T;
    return insertBefore.call(this, node, childHolding(this, before)) as T;
  };
}

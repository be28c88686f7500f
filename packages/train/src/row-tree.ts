/**
 * The fixed tree in which gradients of the rows of a step are added, whoever computed them.
 *
 * Node (level, index) covers rows index · 2^level … (index + 1) · 2^level - 1 of a step of R rows:
 *
 *     level 2            (0 … 3)            + … of a ragged step, a node without a right half
 *     level 1       (0 1)     (2 3)             is its left half, unadded
 *     level 0       0   1     2   3
 *
 * A worker holds the nodes it can finish; what is left of all workers is joined in the same tree.
 * So the sum depends on R alone: not on microbatches, replicas or threads.
 */

/** A finished node and where its sum lies. */
export interface TreeNode<Sum> {
  level: number;
  index: number;
  sum: Sum;
}

/**
 * Joins nodes whose both halves are there, as far as it goes; `add` puts the right half to the
 * left one. `rows` is R: where a right half would lie past it, the left one is the node.
 */
export function joinNodes<Sum>(
  nodes: readonly TreeNode<Sum>[],
  rows: number,
  add: (left: Sum, right: Sum) => void,
): TreeNode<Sum>[] {
  let open = nodes.map((node) => ({ ...node }));
  for (let level = 0; 2 ** level < rows; level++) {
    const here = new Map<number, TreeNode<Sum>>();
    for (const node of open) if (node.level === level) here.set(node.index, node);
    const joined = open.filter((node) => node.level !== level);
    for (const [index, node] of here) {
      const isRight = index % 2 === 1;
      const other = here.get(isRight ? index - 1 : index + 1);
      const isLast = !isRight && (index + 1) * 2 ** level >= rows;
      if (isLast) joined.push({ level: level + 1, index: index / 2, sum: node.sum });
      else if (other === undefined) joined.push(node);
      else if (!isRight) {
        add(node.sum, other.sum);
        joined.push({ level: level + 1, index: index / 2, sum: node.sum });
      }
    }
    open = joined;
  }
  return open;
}

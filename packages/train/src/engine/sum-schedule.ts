/**
 * Which buffer takes the gradients of which row, and which buffers are added when.
 *
 * Follows the tree of `row-tree.ts`: a row whose left neighbor in the tree is there is added to it
 * as it is computed; so few sums are held, and none is moved.
 */
import { assert } from '@wafer/core';
import { joinNodes } from '../row-tree.ts';
import type { TreeNode } from '../row-tree.ts';

/** What becomes of the gradients of one row. */
export interface RowSum {
  buffer: number;
  /** Added to what the buffer holds, instead of written. */
  joins: boolean;
  /** Afterwards: the second is added to the first. */
  merges: readonly (readonly [number, number])[];
}

/** Sums of a run of rows [first, first + count) of a step. */
export interface SumSchedule {
  rows: readonly RowSum[];
  bufferCount: number;
  nodes: readonly TreeNode<number>[];
}

const PENDING = -1;

/** The schedule of a run of rows, ascending. */
export function sumSchedule(first: number, count: number, rowsOfStep: number): SumSchedule {
  const free: number[] = [];
  const rows: RowSum[] = [];
  let bufferCount = 0;
  let nodes: TreeNode<{ buffer: number }>[] = [];
  for (let row = first; row < first + count; row++) {
    const merges: [number, number][] = [];
    const leaf = { buffer: PENDING };
    let joins = false;
    nodes = joinNodes(
      [...nodes, { level: 0, index: row, sum: leaf }],
      rowsOfStep,
      (left, right) => {
        assert(left.buffer !== PENDING, 'rows come in ascending order', { row });
        if (right.buffer === PENDING) {
          leaf.buffer = left.buffer;
          joins = true;
        } else {
          merges.push([left.buffer, right.buffer]);
          free.push(right.buffer);
        }
      },
    );
    if (!joins) leaf.buffer = free.pop() ?? bufferCount++;
    rows.push({ buffer: leaf.buffer, joins, merges });
  }
  const held = nodes.map(({ level, index, sum }) => ({ level, index, sum: sum.buffer }));
  return { rows, bufferCount, nodes: held };
}

/** How the sums of all replicas become one: pairs of (replica, buffer), and where the sum lies. */
export function finalMerges(
  schedules: readonly SumSchedule[],
  rowsOfStep: number,
): { merges: [Place, Place][]; root: Place } {
  const all = schedules.flatMap(({ nodes }, replica) =>
    nodes.map(({ level, index, sum }) => ({ level, index, sum: { replica, buffer: sum } })),
  );
  const merges: [Place, Place][] = [];
  const [root, ...others] = joinNodes(all, rowsOfStep, (left, right) => merges.push([left, right]));
  assert(root !== undefined && others.length === 0, 'the tree has one root', { rowsOfStep });
  return { merges, root: root.sum };
}

interface Place {
  replica: number;
  buffer: number;
}

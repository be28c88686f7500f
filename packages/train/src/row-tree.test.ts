import { expect, test } from 'vitest';
import { joinNodes } from './row-tree.ts';
import type { TreeNode } from './row-tree.ts';

/** Sums as text, so that the order of additions shows. */
interface Text {
  text: string;
}

const add = (left: Text, right: Text): void => {
  left.text = `(${left.text} ${right.text})`;
};
const leaf = (row: number): TreeNode<Text> => ({ level: 0, index: row, sum: { text: `${row}` } });

function sumOf(parts: readonly (readonly number[])[], rows: number): string {
  const held = parts.flatMap((part) => {
    let nodes: TreeNode<Text>[] = [];
    for (const row of part) nodes = joinNodes([...nodes, leaf(row)], rows, add);
    return nodes;
  });
  const [root, ...others] = joinNodes(held, rows, add);
  expect(others).toEqual([]);
  return root!.sum.text;
}

test('the tree is fixed, whoever has which rows', () => {
  const all = sumOf([[0, 1, 2, 3, 4, 5]], 6);
  expect(all).toBe('(((0 1) (2 3)) (4 5))');
  expect(
    sumOf(
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      6,
    ),
  ).toBe(all);
  expect(sumOf([[5], [0, 4], [1], [3, 2]], 6)).toBe(all);
  expect(
    sumOf(
      [
        [0, 2, 4],
        [1, 3, 5],
      ],
      6,
    ),
  ).toBe(all);
});

test.each([1, 2, 3, 5, 7, 8, 16])('every row of %i counts once', (rows) => {
  const list = Array.from({ length: rows }, (_, row) => row);
  const numbers = sumOf([list], rows).match(/\d+/g) ?? [];
  expect(numbers.map(Number)).toEqual(list);
  expect(
    sumOf(
      list.map((row) => [row]),
      rows,
    ),
  ).toBe(sumOf([list], rows));
});

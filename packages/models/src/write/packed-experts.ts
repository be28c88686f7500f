/**
 * MXFP4 blocks as folders keep them: numbers and exponents in tensors of their own. The way back of
 * scaled-tensors.ts.
 *
 *     [E, rows] of blocks of 17 bytes     →     x_blocks [E, rows, columns / 32, 16]
 *                                               x_scales [E, rows, columns / 32]
 *
 * A block has inputs i and i + 16 in byte i, a folder 2i and 2i + 1. Blocks are read once:
 * exponents, a 17th of them, are held until their turn comes.
 */
import { assert, WEIGHT_TYPES } from '@wafer/core';
import type { FileOutput } from './file-layout.ts';

const { blockColumns, blockBytes } = WEIGHT_TYPES.mxfp4;
const NUMBER_BYTES = blockBytes - 1;

/** The two tensors of a folder that hold a tensor of MXFP4; any other as it is. */
export function apart(output: FileOutput): FileOutput[] {
  if (output.type !== 'mxfp4') return [output];
  const { name, shape, bytes } = output;
  const rows = shape.slice(0, -1);
  const perRow = (shape.at(-1) ?? 0) / blockColumns;
  const blockCount = bytes / blockBytes;
  let exponents: Uint8Array[] | undefined;
  return [
    {
      ...output,
      name: `${name}_blocks`,
      dtype: 'U8',
      shape: [...rows, perRow, NUMBER_BYTES],
      bytes: blockCount * NUMBER_BYTES,
      writeTo: (write) => {
        const held: Uint8Array[] = [];
        output.writeTo((stored) => {
          held.push(exponentsOf(stored));
          write(numbersOf(stored));
        });
        exponents = held;
      },
    },
    {
      ...output,
      name: `${name}_scales`,
      dtype: 'U8',
      shape: [...rows, perRow],
      bytes: blockCount,
      writeTo: (write) => {
        assert(exponents !== undefined, 'numbers are written before exponents', { name });
        for (const piece of exponents) write(piece);
        exponents = undefined;
      },
    },
  ];
}

function exponentsOf(stored: Uint8Array): Uint8Array {
  return Uint8Array.from(
    { length: countOf(stored) },
    (_, block) => stored[block * blockBytes] ?? 0,
  );
}

function numbersOf(stored: Uint8Array): Uint8Array {
  const target = new Uint8Array(countOf(stored) * NUMBER_BYTES);
  for (let block = 0; block < countOf(stored); block++) {
    const start = block * blockBytes + 1;
    const inputOf = (index: number): number => {
      const byte = stored[start + (index % NUMBER_BYTES)] ?? 0;
      return index < NUMBER_BYTES ? byte & 15 : byte >> 4;
    };
    for (let i = 0; i < NUMBER_BYTES; i++) {
      target[block * NUMBER_BYTES + i] = inputOf(2 * i) | (inputOf(2 * i + 1) << 4);
    }
  }
  return target;
}

function countOf(stored: Uint8Array): number {
  const count = stored.length / blockBytes;
  assert(Number.isInteger(count), 'pieces are whole blocks', { bytes: stored.length });
  return count;
}

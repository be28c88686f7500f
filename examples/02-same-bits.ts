/**
 * 2. Exactness: the logits of a prompt have the same bits on any grid of tiles.
 *
 *     node examples/02-same-bits.ts
 */
import { createHash } from 'node:crypto';
import { Wafer } from '@wafer/runtime';

async function hashOn(grid: string, stages: number): Promise<string> {
  await using wafer = await Wafer.start({ model: 'stories', grid, stages });
  const hash = createHash('sha256');
  const prompt = wafer.encode('Lily and Tom went to the park.');
  for await (const { logits } of wafer.logits(prompt)) hash.update(new Uint32Array(logits.buffer));
  return hash.digest('hex').slice(0, 16);
}

const grids: readonly (readonly [string, number])[] = [
  ['1x1', 1],
  ['2x1', 1],
  ['2x2', 1],
  ['2x2', 2],
];
const hashes = new Set<string>();
for (const [grid, stages] of grids) {
  const hash = await hashOn(grid, stages);
  console.log(`${grid}, ${stages} stage${stages === 1 ? '' : 's'}: ${hash}`);
  hashes.add(hash);
}
if (hashes.size !== 1) throw new Error('a grid changed the bits');

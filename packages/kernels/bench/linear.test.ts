import { expect, test } from 'vitest';
import { Arena } from '../src/arena.ts';
import { measureLinear } from './linear.ts';

const KINDS = [
  ['f32', 'f32'],
  ['q4_0', 'f32'],
  ['q4_0', 'int8'],
] as const;

/** Bytes of all results of a tiny run. */
function outputs(isWide: boolean): string {
  const arena = new Arena('fused', 2 ** 20, { isWide });
  const all: string[] = [];
  for (const [type, activations] of KINDS) {
    const shape = { type, rows: 40, columns: 64, activations };
    const options = {
      budgetMs: 0,
      hash: (bytes: Uint8Array) => all.push(Buffer.from(bytes).toString('hex')),
    };
    const results = measureLinear(arena, shape, [1, 7], options);
    expect(results.map(({ tokenCount }) => tokenCount)).toEqual([1, 7]);
    expect(results.every(({ gigaflopsPerSecond }) => gigaflopsPerSecond > 0)).toBe(true);
  }
  return all.join('\n');
}

test('the benchmark runs on tiny inputs, and block sizes change no bit', () => {
  expect(outputs(true)).toBe(outputs(false));
  expect(new Set(outputs(false).split('\n')).size).toBe(6);
});

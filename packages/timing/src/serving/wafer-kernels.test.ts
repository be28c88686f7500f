import { expect, test } from 'vitest';
import { tryModel } from './models.ts';
import { kernelConstants, layerFeatures } from './wafer-kernels.ts';

test('a far read of Ladder takes a cycle for each PE it passes, though rows alone set that', () => {
  const [, cyclesPerPe] = kernelConstants('decode', 'Ladder');
  expect(cyclesPerPe).toBeCloseTo(1, 2);
});

test('half a prompt moves as many weights in T10, and half the activations in Ladder', () => {
  const shape = { ...tryModel('Llama 2 13B')! };
  const movedBy = (system: 'T10' | 'Ladder', tokens: number): number =>
    layerFeatures('prefill', system, { shape, tokens, side: 512 })[0]!;
  const [whole, half] = [4096, 2048].map((tokens) => movedBy('T10', tokens));
  // Keys and values move, and there are half of them: of 8 x (4 x 10 x 10 + 3 x 10 x 27) wavelets.
  expect(half! / whole!).toBeGreaterThan(0.93);
  expect(movedBy('Ladder', 2048) / movedBy('Ladder', 4096)).toBeLessThan(half! / whole!);
});

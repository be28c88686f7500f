import { expect, test } from 'vitest';
import { kernelConstants } from './wafer-kernels.ts';

test('a far read of Ladder takes a cycle for each PE it passes, though rows alone set that', () => {
  const [, cyclesPerPe] = kernelConstants('decode', 'Ladder');
  expect(cyclesPerPe).toBeCloseTo(1, 2);
});

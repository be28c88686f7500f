import { detectRounding } from '@wafer/kernels';
import { compileTrainKernels, instantiateTrainKernels } from '@wafer/kernels/train';
import { expect, test } from 'vitest';
import { roundToBf16 } from './bf16.ts';

/** Ties, their neighbors, what becomes infinite, and numbers of all sizes. */
function samples(): Float32Array {
  const words = Uint32Array.from({ length: 4096 }, (_, i) => Math.imul(i + 1, 0x9e37_79b1));
  const upper = [0x3f80, 0x3f81, 0xbf80, 0x0000, 0x8000, 0x0001, 0x7f7f, 0xff7f, 0x7f80, 0x7fc1];
  const lower = [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff];
  const edges = upper.flatMap((high) => lower.map((low) => high * 2 ** 16 + low));
  return new Float32Array(Uint32Array.from([...edges, ...words]).buffer);
}

function bitsOf(values: Float32Array): number[] {
  return Array.from(new Uint32Array(Float32Array.from(values).buffer));
}

test('weights are rounded as everywhere to bf16, by the kernel as by the reference', () => {
  const values = samples();
  const rounded = new Float32Array(values.length);
  roundToBf16(rounded, values);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
  const kernels = instantiateTrainKernels(compileTrainKernels(detectRounding()), memory);
  const bytes = values.length * 4;
  const held = new Float32Array(memory.buffer, 0, values.length);
  new Uint32Array(memory.buffer, 0, values.length).set(new Uint32Array(values.buffer));
  expect(bitsOf(held)).toEqual(bitsOf(values));
  kernels.roundWeights(bytes, 0, values.length);
  expect(bitsOf(new Float32Array(memory.buffer, bytes, values.length))).toEqual(bitsOf(rounded));
});

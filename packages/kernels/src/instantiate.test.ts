import { type Rounding } from '@wafer/core';
import { expect, test } from 'vitest';
import { Arena } from './arena.ts';
import { createCopier } from './copy.ts';
import { compileKernels, kernelHash } from './compile.ts';
import { randomFloats } from './random-weights.ts';
import { instantiateKernels } from './instantiate.ts';
import { detectRounding } from './rounding.ts';

test('modules are compiled once, and hashes tell roundings apart', () => {
  expect(compileKernels('fused')).toBe(compileKernels('fused'));
  expect(compileKernels('plain')).not.toBe(compileKernels('fused'));
  expect(kernelHash('plain')).not.toBe(kernelHash('fused'));
  expect(kernelHash('plain')).toMatch(/^[0-9a-f]{16}-plain$/);
});

test('kernels import a memory and a flag, and keep no state', () => {
  const module = compileKernels('fused');
  expect(WebAssembly.Module.imports(module)).toEqual([
    { module: 'env', name: 'wide', kind: 'global' },
    { module: 'env', name: 'memory', kind: 'memory' },
  ]);
  const kinds = WebAssembly.Module.exports(module).map(({ name, kind }) => `${kind} ${name}`);
  expect(kinds.filter((kind) => kind.startsWith('global'))).toEqual([]);
});

test('a weight type whose kernels were not built is told how to', () => {
  const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  expect(() => instantiateKernels(empty, memory(0))).toThrow(/npm run -s kernels .*linearF32/);
});

test('a memory is bound once to the kernels of a module, and anew to others', () => {
  const own = memory(0);
  const kernels = instantiateKernels(compileKernels('fused'), own);
  expect(instantiateKernels(compileKernels('fused'), own)).toBe(kernels);
  expect(instantiateKernels(compileKernels('fused'), memory(0))).not.toBe(kernels);
  expect(instantiateKernels(compileKernels('fused'), own, { isWide: true })).not.toBe(kernels);
  expect(instantiateKernels(compileKernels('plain'), own)).not.toBe(kernels);
});

/** A chain of ordinary numbers, as each rounding of the kernels sums it. */
function chain(rounding: Rounding): number {
  const arena = new Arena(rounding, 2 ** 16);
  const count = 64;
  const weights = new Float32Array(count * 32);
  randomFloats(count, 1).forEach((weight, k) => weights.fill(weight, k * 32, (k + 1) * 32));
  const [w, x, y] = [arena.put(weights), arena.put(randomFloats(count, 2)), arena.add(128)];
  const scratch = arena.add(768).address;
  arena.kernels.linear.f32(y.address, 32, w.address, x.address, count, 1, 32, count, scratch);
  return arena.floats(y)[0] as number;
}

test('rounding changes results, and the self-check finds which one this machine has', () => {
  const isFused = chain('fused') !== chain('plain');
  expect(detectRounding()).toBe(isFused ? 'fused' : 'plain');
});

function memory(fill: number): WebAssembly.Memory {
  const of = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  new Uint8Array(of.buffer).fill(fill);
  return of;
}

test('copies move bytes from one memory to another and leave the rest', () => {
  const [source, target] = [memory(0), memory(9)];
  new Uint8Array(source.buffer).set([1, 2, 3, 4, 5, 6, 7, 8], 40);
  const { copy, copyRows } = createCopier(source, target);
  copy(3, 41, 5);
  expect([...new Uint8Array(target.buffer, 0, 10)]).toEqual([9, 9, 9, 2, 3, 4, 5, 6, 9, 9]);
  copyRows(20, 4, 40, 3, 2, 3);
  const rows = [1, 2, 9, 9, 4, 5, 9, 9, 7, 8, 9, 9];
  expect([...new Uint8Array(target.buffer, 20, 12)]).toEqual(rows);
  copyRows(20, 4, 0, 4, 4, 0);
  expect([...new Uint8Array(target.buffer, 20, 12)]).toEqual(rows);
  expect(new Uint8Array(source.buffer)[0]).toBe(0);
});

test('copies inside one memory may overlap, and leave no memory', () => {
  const only = memory(0);
  const bytes = new Uint8Array(only.buffer);
  bytes.set([1, 2, 3, 4]);
  const { copy } = createCopier(only, only);
  copy(1, 0, 4);
  expect([...bytes.subarray(0, 6)]).toEqual([1, 1, 2, 3, 4, 0]);
  expect(() => copy(65530, 0, 10)).toThrow(WebAssembly.RuntimeError);
});

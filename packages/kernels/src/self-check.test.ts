import { expect, test, vi } from 'vitest';
import { compileKernels } from './compile.ts';
import { enableRevectorization, isRevectorized } from './revectorize.ts';
import { checkKernels } from './self-check.ts';

test.each(['fused', 'plain'] as const)('the kernels pass their own check, %s', (rounding) => {
  expect(() => checkKernels(rounding)).not.toThrow();
});

test('the check names the kernel that differs, and how', () => {
  const division = vi.spyOn(Math, 'sqrt').mockImplementation((value) => value ** 0.5 * 1.000_001);
  expect(() => checkKernels('plain')).toThrow(/KERNEL_MISMATCH.*rmsNorm, plain.*element \d+: /);
  division.mockRestore();
});

test('with 256-bit vectors kernels are compiled anew, and pass the same check', () => {
  const narrow = compileKernels('fused');
  if (!enableRevectorization()) return expect(isRevectorized()).toBe(false);
  expect(compileKernels('fused')).not.toBe(narrow);
  expect(() => checkKernels('fused')).not.toThrow();
});

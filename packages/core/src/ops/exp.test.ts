import { expect, test } from 'vitest';
import { EXP_INPUT_MAX, EXP_INPUT_MIN, exp32 } from './exp.ts';
import { multiplyAdd } from './fma.ts';

test.each(['fused', 'plain'] as const)('exp, %s, is within 2 ulp of the true value', (rounding) => {
  const fma = multiplyAdd(rounding);
  let worstUlp = 0;
  for (let i = 0; i <= 40_000; i++) {
    const x = Math.fround(EXP_INPUT_MIN + ((EXP_INPUT_MAX - EXP_INPUT_MIN) * i) / 40_000);
    const exact = Math.exp(x);
    const ulp = 2 ** (Math.floor(Math.log2(exact)) - 23);
    worstUlp = Math.max(worstUlp, Math.abs(exp32(x, fma) - exact) / ulp);
  }
  expect(worstUlp).toBeLessThan(2);
  expect(worstUlp).toBeGreaterThan(0.4); // no f32 result can do better than half an ulp
});

test('exp of 0 is 1, of -∞ exactly 0, of NaN NaN, and large inputs stay finite', () => {
  const fma = multiplyAdd('fused');
  expect(exp32(0, fma)).toBe(1);
  expect(exp32(-Infinity, fma)).toBe(0);
  expect(exp32(-87.4, fma)).toBe(0);
  expect(exp32(NaN, fma)).toBeNaN();
  expect(exp32(Infinity, fma)).toBe(exp32(EXP_INPUT_MAX, fma));
  expect(exp32(EXP_INPUT_MAX, fma)).toBeLessThan(3.4e38);
});

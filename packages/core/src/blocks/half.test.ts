import { expect, test } from 'vitest';
import { bf16ToF32, f16ToF32, f32ToBf16, f32ToF16 } from './half.ts';

const ALL_HALVES = Array.from({ length: 65536 }, (_, half) => half);

test('every finite f16 widens to the value that Float16Array reads, and narrows back', () => {
  const oracle = new Float16Array(new Uint16Array(ALL_HALVES).buffer);
  const wrong = ALL_HALVES.filter((half) => {
    const value = f16ToF32(half);
    return !Object.is(value, oracle[half]) || (!Number.isNaN(value) && f32ToF16(value) !== half);
  });
  expect(wrong).toEqual([]);
});

test('f32 narrows to the nearest f16, ties to even, as Float16Array does', () => {
  const target = new Float16Array(1);
  const bits = new Uint16Array(target.buffer);
  const values = Array.from({ length: 50_000 }, (_, i) =>
    Math.fround((i - 25_000) * 2 ** ((i % 41) - 30) * 1.000_061),
  );
  const wrong = values.filter((value) => {
    target[0] = value;
    return f32ToF16(value) !== bits[0];
  });
  expect(wrong).toEqual([]);
  for (const value of [65519.99, 65520, 2 ** -25, 2 ** -24 * 1.5, 2 ** -14 - 2 ** -26, Infinity]) {
    target[0] = Math.fround(value);
    expect(f32ToF16(Math.fround(value)), String(value)).toBe(bits[0]);
  }
});

test('bf16 is the upper half of an f32: widening is exact, narrowing rounds to even', () => {
  const numbers = ALL_HALVES.filter((half) => !Number.isNaN(bf16ToF32(half)));
  expect(numbers.map((half) => f32ToBf16(bf16ToF32(half)))).toEqual(numbers);
  expect(f32ToBf16(1 + 2 ** -8)).toBe(0x3f80); // a tie goes to the even neighbor
  expect(f32ToBf16(1 + 3 * 2 ** -8)).toBe(0x3f82);
  expect(f32ToBf16(1 + 2 ** -8 + 2 ** -20)).toBe(0x3f81);
  expect(bf16ToF32(f32ToBf16(NaN))).toBeNaN();
});

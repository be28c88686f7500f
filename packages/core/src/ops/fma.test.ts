import { expect, test } from 'vitest';
import { fusedMultiplyAdd, multiplyAdd, plainMultiplyAdd } from './fma.ts';

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** A deterministic f32 of any exponent from 2^-149 to 2^`exponentMax`. */
function wildFloat(index: number, exponentMax: number): number {
  bits[0] = Math.imul(index, 0x9e3779b1) ^ Math.imul(index >>> 7, 0x85ebca6b);
  const exponent = ((bits[0] as number) >>> 23) & 255;
  const kept = exponent % (exponentMax + 128);
  bits[0] = ((bits[0] as number) & 0x807fffff) | (kept << 23);
  return float[0] as number;
}

/** An f32 number as a whole multiple of 2^-298, the smallest product of two. */
function exactly(value: number): bigint {
  return BigInt(value * 2 ** 149) << 149n;
}

/** a * b + c rounded once, by whole numbers: among the neighbors of an estimate, the nearest. */
function slowFused(a: number, b: number, c: number): number {
  const exact = BigInt(a * 2 ** 149) * BigInt(b * 2 ** 149) + exactly(c);
  float[0] = a * b + c;
  const middle = bits[0] as number;
  let best = float[0] as number;
  let bestDistance = distance(exact, exactly(best));
  for (const step of [-1, 1]) {
    bits[0] = middle + step;
    const candidate = float[0] as number;
    if (!Number.isFinite(candidate)) continue;
    const far = distance(exact, exactly(candidate));
    if (far < bestDistance || (far === bestDistance && (middle & 1) === 1)) {
      best = candidate;
      bestDistance = far;
    }
  }
  return best;
}

function distance(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}

test('the fused multiply-add is the exact result, rounded once', () => {
  for (let i = 1; i < 20_000; i++) {
    const a = wildFloat(3 * i, 20);
    const b = wildFloat(3 * i + 1, 20);
    // Every other sum nearly cancels, and every third is far smaller or larger than the product.
    const c = i % 2 ? Math.fround(-a * b * (1 + (i % 5) * 2 ** -24)) : wildFloat(3 * i + 2, 40);
    const expected = slowFused(a, b, c);
    expect(Math.abs(fusedMultiplyAdd(a, b, c)), `${a} * ${b} + ${c}`).toBe(Math.abs(expected));
  }
});

test('a sum halfway between two f32 numbers goes where the error of the f64 sum points', () => {
  const a = 1 + 2 ** -23;
  const c = 2 ** -24 + 2 ** -47;
  // 1 + 2^-23 + 2^-24 is a tie, which alone would go to the even neighbor 1 + 2^-22.
  expect(fusedMultiplyAdd(a, 1, 2 ** -24)).toBe(1 + 2 ** -22);
  expect(fusedMultiplyAdd(a, 1, Math.fround(c))).toBe(1 + 2 ** -22);
  const tiny = 2 ** -80;
  expect(fusedMultiplyAdd(a, 1 - 2 ** -24, 0)).toBe(Math.fround(a * (1 - 2 ** -24)));
  expect(fusedMultiplyAdd(1 + 2 ** -12, 1 + 2 ** -12, -tiny)).toBe(1 + 2 ** -11);
  expect(fusedMultiplyAdd(1 + 2 ** -12, 1 + 2 ** -12, tiny)).toBe(1 + 2 ** -11 + 2 ** -23);
});

test('plain and fused differ where the product is not exact', () => {
  const near = 1 + 2 ** -12;
  const negative = -(1 + 2 ** -11);
  expect(multiplyAdd('fused')(near, near, negative)).toBe(2 ** -24);
  expect(multiplyAdd('plain')(near, near, negative)).toBe(0);
  expect(plainMultiplyAdd(2, 3, 4)).toBe(10);
});

test('infinities and signed zeros are those of IEEE 754', () => {
  expect(fusedMultiplyAdd(3e38, 10, 0)).toBe(Infinity);
  expect(fusedMultiplyAdd(Infinity, 1, -Infinity)).toBeNaN();
  expect(fusedMultiplyAdd(-0, 1, -0)).toBe(-0);
  expect(fusedMultiplyAdd(-0, 1, 0)).toBe(0);
});

import { expect, test } from 'vitest';
import type { RopeScaling, RopeSpec } from '../model/spec.ts';
import { ropeFrequencies, ropeRow, rotate } from './rope.ts';

function spec(scaling: RopeScaling, more: Partial<RopeSpec> = {}): RopeSpec {
  return { theta: 10_000, scaling, layout: 'halves', rotaryWidth: 64, ...more };
}

const yarn: RopeScaling = {
  kind: 'yarn',
  factor: 4,
  originalContext: 2048,
  betaFast: 32,
  betaSlow: 1,
  attentionFactor: 1.1,
  truncate: true,
};

test('frequencies fall from 1 by theta, and linear scaling divides them', () => {
  const plain = ropeFrequencies(spec({ kind: 'none' }));
  expect(plain[0]).toBe(1);
  expect(plain[16]).toBeCloseTo(0.01, 12);
  const linear = ropeFrequencies(spec({ kind: 'linear', factor: 2 }));
  linear.forEach((frequency, i) => expect(frequency).toBe((plain[i] as number) / 2));
});

test('llama3 scaling keeps short waves, stretches long ones and blends between', () => {
  const theta = 500_000;
  const plain = ropeFrequencies(spec({ kind: 'none' }, { theta }));
  const scaling: RopeScaling = {
    kind: 'llama3',
    factor: 8,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalContext: 8192,
  };
  const scaled = ropeFrequencies(spec(scaling, { theta }));
  const ratios = Array.from(scaled, (frequency, i) => frequency / (plain[i] as number));
  expect(ratios[0]).toBe(1);
  expect(ratios.at(-1)).toBe(1 / 8);
  const blended = ratios.filter((ratio) => ratio > 1 / 8 && ratio < 1);
  expect(blended.length).toBeGreaterThan(0);
  expect(ratios).toEqual(ratios.toSorted((a, b) => b - a));
});

test('yarn keeps fast dimensions, stretches slow ones, and scales cos and sin', () => {
  const plain = ropeFrequencies(spec({ kind: 'none' }));
  const scaled = ropeFrequencies(spec(yarn));
  // 2048 tokens turn 32 times at dimension 8.1 and once at dimension 20.1: the ramp is 8 to 21.
  for (let i = 0; i < 32; i++) {
    const kept = 1 - Math.min(1, Math.max(0, (i - 8) / 13));
    const expected = (plain[i] as number) * (kept + (1 - kept) / 4);
    expect(scaled[i]).toBeCloseTo(expected, 14);
  }
  expect(ropeRow(spec(yarn), 0)[0]).toBe(Math.fround(1.1));
});

test('frequency factors divide, and a row holds cos and sin of each angle', () => {
  const frequencyFactors = Array.from({ length: 32 }, (_, i) => i + 1);
  const row = ropeRow(spec({ kind: 'none' }, { frequencyFactors }), 3);
  expect(row).toHaveLength(64);
  expect(row[2]).toBeCloseTo(Math.cos(3 * 10_000 ** (-2 / 64) * 0.5), 6);
  expect(row[3]).toBeCloseTo(Math.sin(3 * 10_000 ** (-2 / 64) * 0.5), 6);
});

test('scores of rotated vectors depend on the distance of their positions alone', () => {
  const heads = { tokenCount: 1, headCount: 1, headWidth: 64 };
  const dot = (layout: 'halves' | 'pairs', a: number, b: number): number => {
    const rope = spec({ kind: 'none' }, { layout });
    const q = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
    const k = Float32Array.from({ length: 64 }, (_, i) => Math.cos(2 * i));
    rotate(q, ropeRow(rope, a), heads, rope);
    rotate(k, ropeRow(rope, b), heads, rope);
    return q.reduce((sum, value, i) => sum + value * (k[i] as number), 0);
  };
  for (const layout of ['halves', 'pairs'] as const) {
    expect(dot(layout, 107, 100)).toBeCloseTo(dot(layout, 7, 0), 4);
    expect(dot(layout, 8, 0)).not.toBeCloseTo(dot(layout, 7, 0), 2);
  }
  expect(dot('pairs', 7, 0)).not.toBeCloseTo(dot('halves', 7, 0), 2);
});

test('elements beyond the rotary width keep their values', () => {
  const rope = spec({ kind: 'none' }, { rotaryWidth: 16 });
  const x = Float32Array.from({ length: 24 }, (_, i) => i + 1);
  rotate(x, ropeRow(rope, 5), { tokenCount: 1, headCount: 1, headWidth: 24 }, rope);
  expect([...x.subarray(16)]).toEqual([17, 18, 19, 20, 21, 22, 23, 24]);
  expect(x[0]).not.toBe(1);
});

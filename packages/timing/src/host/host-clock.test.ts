import type { Plan } from '@wafer/core';
import { expect, test } from 'vitest';
import { planShape } from '../shapes.ts';
import { decodeStep, prefillStep } from '../step.ts';
import { LLAMA_3_8B } from '../shapes.ts';
import { hostStepTime } from './host-clock.ts';
import type { HostFigures } from './host-figures.ts';
import { solveFor } from './solve.ts';

const SPEC = { ...LLAMA_3_8B, layerCount: 2, vocabCount: 4096 };
const FIGURES: HostFigures = {
  ...{ callNs: 100, turnNs: 5000, requestNs: 1e6, rowBytesPerNs: 20, coldBytesPerNs: 10 },
  ...{ handoverBytesPerNs: 1, sharedRate: 0.6, sharedFlops: 0.9 },
  linear: { bf16: { bytesPerNs: 10, flopsPerNs: 40 } },
  attention: { bytesPerNs: 40, flopsPerNs: 20 },
  window: { sendNs: 500, wayNs: 2000, bytesPerNs: 1 },
  link: { sendNs: 5000, wayNs: 50_000, bytesPerNs: 0.5 },
};
const DECODE = decodeStep({ batch: 1, contextTokens: 64 });

function planOf(tiles: number): Plan {
  return planShape(SPEC, { grid: { width: tiles, height: 1 }, type: 'bf16', tensor: 'column' });
}

function stepNs(
  tiles: number,
  more: {
    figures?: Partial<HostFigures>;
    threads?: number;
    chips?: number;
    promptTokens?: number;
  } = {},
): number {
  const { figures, threads = tiles, chips = 1, promptTokens } = more;
  return hostStepTime({
    plan: planOf(tiles),
    step: promptTokens === undefined ? DECODE : prefillStep({ promptTokens }),
    figures: { ...FIGURES, ...figures },
    threadOf: Array.from({ length: tiles }, (_, tile) => tile % threads),
    chipOf: Array.from({ length: tiles }, (_, tile) => Math.floor((tile * chips) / tiles)),
  }).stepNs;
}

test('the parts of a step add up, and weights of one tile are read at their rate', () => {
  const plan = planOf(1);
  const time = hostStepTime({ plan, step: DECODE, figures: FIGURES, threadOf: [0], chipOf: [0] });
  const { opsNs, callsNs, messagesNs, turnNs } = time;
  expect(opsNs + callsNs + messagesNs + turnNs).toBeCloseTo(time.stepNs, 3);
  expect(messagesNs).toBeCloseTo(0, 3);
  const weights = plan.tiles[0]!.shards.reduce((sum, { bytes }) => sum + bytes, 0);
  const table = SPEC.vocabCount * SPEC.modelWidth * 2; // looked up, not read
  expect(opsNs / ((weights - table) / 10)).toBeGreaterThan(0.99);
  expect(opsNs / ((weights - table) / 10)).toBeLessThan(1.03);
  // The engine reads each logit from the core that wrote it.
  expect(turnNs).toBe(5000 + SPEC.vocabCount * 4);
});

test('tiles that outnumber threads pay one after the other; more threads are never slower', () => {
  const whole = { sharedRate: 1, sharedFlops: 1 };
  const [one, two] = [1, 2].map((threads) => stepNs(4, { threads, figures: whole }));
  expect(one! / two!).toBeGreaterThan(1.7);
  expect(stepNs(4, { threads: 4, figures: whole })).toBeLessThan(two!);
});

test.each([
  ['callNs', { callNs: 200 }],
  ['turnNs', { turnNs: 9000 }],
  ['linear', { linear: { bf16: { bytesPerNs: 5, flopsPerNs: 40 } } }],
  ['attention', { attention: { bytesPerNs: 1, flopsPerNs: 20 } }],
  ['coldBytesPerNs', { coldBytesPerNs: 1 }],
  ['rowBytesPerNs', { rowBytesPerNs: 1 }],
  ['handoverBytesPerNs', { handoverBytesPerNs: 0.5 }],
  ['sharedRate', { sharedRate: 0.5 }],
  ['window', { window: { sendNs: 1500, wayNs: 2000, bytesPerNs: 1 } }],
  ['link', { link: { sendNs: 9000, wayNs: 50_000, bytesPerNs: 0.5 } }],
] satisfies [string, Partial<HostFigures>][])('worse %s is slower', (_, figures) => {
  expect(stepNs(4, { chips: 2, figures })).toBeGreaterThan(stepNs(4, { chips: 2 }));
});

test('operations bind where many rows meet the weights, and share cores', () => {
  const prompt = { promptTokens: 256 };
  const slow = { sharedFlops: 0.45 };
  expect(stepNs(2, { ...prompt, figures: slow }) / stepNs(2, prompt)).toBeGreaterThan(1.7);
  // One row: bytes bind in all but attention.
  expect(stepNs(2, { figures: slow }) / stepNs(2)).toBeLessThan(1.001);
});

test('a cut costs what its link takes over a window; tiles of one thread need no way', () => {
  expect(stepNs(2, { chips: 2 })).toBeGreaterThan(stepNs(2));
  const free = { window: { sendNs: 500, wayNs: 0, bytesPerNs: 1 } };
  const far = { window: { sendNs: 500, wayNs: 4000, bytesPerNs: 1 } };
  expect(stepNs(2, { figures: far })).toBeGreaterThan(stepNs(2));
  expect(stepNs(2, { threads: 1 })).toBe(stepNs(2, { threads: 1, figures: free }));
});

test('a kernel that was not measured is named', () => {
  expect(() => stepNs(1, { figures: { linear: {} } })).toThrow(/machine host lacks bf16/);
});

test('a figure is found at which a clock tells a time; ends stay ends', () => {
  expect(solveFor(700, (ns) => 2 * ns + 100, { low: 1, high: 1e6 })).toBeCloseTo(300, 3);
  expect(solveFor(50, (ns) => 2 * ns + 100, { low: 1, high: 1e6 })).toBe(1);
  expect(solveFor(1e9, (ns) => 2 * ns + 100, { low: 1, high: 1e6 })).toBe(1e6);
});

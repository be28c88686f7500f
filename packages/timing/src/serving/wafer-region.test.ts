import { tryWaferFacts } from '@wafer/core';
import type { WaferFacts } from '@wafer/core';
import { expect, test } from 'vitest';
import { findModel, MODELS } from './models.ts';
import { waferResidency } from './residency.ts';
import {
  bestSide,
  layerCycles,
  sideRange,
  waferStep,
  waferStepNs,
  waferThroughput,
} from './wafer-region.ts';
import type { WaferRun } from './wafer-region.ts';
import { NO_CROSSING, serviceCrossing } from './wafer-service.ts';

const wse3 = tryWaferFacts('wse3')!;

function runOf(name: string, more: Partial<WaferRun> = {}): WaferRun {
  const held = { shape: findModel(name), contextTokens: 1024, batch: 1 };
  const wafers = waferResidency(held, wse3).chips;
  return {
    ...held,
    wafer: wse3,
    wafers,
    assumptions: { ...NO_CROSSING, crossingUs: 100 },
    ...more,
  };
}

const timeOf = (run: WaferRun): number => waferStepNs(waferStep(run));
const half = (figure: WaferFacts['clockHz']): WaferFacts['clockHz'] => ({
  ...figure,
  value: figure.value / 2,
});

test('the best side holds its layer, and no other side is faster', () => {
  for (const { name } of MODELS) {
    const run = runOf(name);
    const { least, most } = sideRange(run);
    const best = bestSide(run);
    expect(best).toBeGreaterThanOrEqual(least);
    expect(best).toBeLessThanOrEqual(most);
    const kind = run.shape.experts ? 'experts' : 'dense';
    const at = (side: number): number => {
      const { macs, software, hops } = layerCycles(run, kind, side);
      return macs + software + hops + side;
    };
    for (let side = least; side <= most; side++) expect(at(side)).toBeGreaterThanOrEqual(at(best));
  }
});

test('more PEs can hurt: a small layer leaves PEs of its share idle', () => {
  const run = runOf('gpt-oss-20b');
  expect(bestSide(run)).toBeLessThan(sideRange(run).most);
});

test('a model that fits some wafers is never faster on one more', () => {
  for (const { name } of MODELS) {
    const run = runOf(name);
    if (run.wafers >= run.shape.layers) continue;
    expect(timeOf({ ...run, wafers: run.wafers + 1 }), name).toBeGreaterThan(timeOf(run));
  }
});

test('a slower clock, more context, more software, longer crossings are never faster', () => {
  const run = runOf('llama-3.1-70b');
  const slower: WaferRun[] = [
    { ...run, wafer: { ...wse3, clockHz: half(wse3.clockHz) } },
    { ...run, contextTokens: 8192 },
    { ...run, assumptions: { ...run.assumptions, softwareScale: 2 } },
    { ...run, assumptions: { ...run.assumptions, crossingUs: 200 } },
    { ...run, assumptions: { ...run.assumptions, laneUse: 0 } },
    { ...run, wafer: { ...wse3, ioBytesPerS: half(wse3.ioBytesPerS) } },
    { ...run, wafer: { ...wse3, halfLanes: half(wse3.halfLanes) } },
    { ...run, wafer: { ...wse3, pesDown: half(wse3.pesDown) }, wafers: 8 },
    { ...run, together: 4 },
  ];
  for (const [index, other] of slower.entries()) {
    expect(timeOf(other), String(index)).toBeGreaterThan(timeOf(run));
  }
});

test('32 sequences cost more than one, and give more tokens in all', () => {
  const run = runOf('llama-3.1-8b');
  const one = waferThroughput(run);
  expect(one.sequences).toBe(1);
  expect(one.tokensPerS).toBeCloseTo(1e9 / timeOf(run), 6);
  let before = one.tokensPerS;
  for (const batch of [2, 8, 32]) {
    const { tokensPerS } = waferThroughput({ ...run, batch });
    expect(tokensPerS).toBeGreaterThan(before);
    before = tokensPerS;
  }
  expect(timeOf({ ...run, together: 32, batch: 32 })).toBeGreaterThan(2 * timeOf(run));
});

test('8B on one wafer and 70B on four imply one crossing', () => {
  const { us, lowUs, highUs } = serviceCrossing();
  expect(lowUs).toBeGreaterThan(0.8 * us);
  expect(highUs).toBeLessThan(1.2 * us);
});

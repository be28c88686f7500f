import { tryWaferFacts } from '@wafer/core';
import type { WaferFacts } from '@wafer/core';
import { expect, test } from 'vitest';
import { findModel, MODELS } from './models.ts';
import { inType } from './projection.ts';
import { regionLayout } from './region-layout.ts';
import { packRegions, waferRoom, stretchOf } from './region-packing.ts';
import { waferResidency } from './residency.ts';
import { waferBatch } from './wafer-batch.ts';
import {
  bestSide,
  layerCycles,
  sideRange,
  slowestRegionNs,
  waferStep,
  waferStepNs,
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
    // Neither slower: one that holds nothing is not on a token's way.
    expect(timeOf({ ...run, wafers: run.wafers + 1 }), name).toBe(timeOf(run));
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
  const one = waferBatch(run);
  expect(one.inFlight).toBe(1);
  expect(one.tokensPerS).toBeCloseTo(1e9 / timeOf(run), 6);
  let before = one.tokensPerS;
  for (const batch of [2, 8, 32, 64, 128]) {
    const { tokensPerS } = waferBatch({ ...run, batch });
    expect(tokensPerS).toBeGreaterThan(before);
    before = tokensPerS;
  }
  expect(timeOf({ ...run, together: 32, batch: 32 })).toBeGreaterThan(2 * timeOf(run));
});

test('users share what all get: no region passes more sequences than it has time for', () => {
  for (const batch of [1, 33, 64, 512]) {
    const run = runOf('llama-3.1-8b', { batch, wafers: 3 });
    const { step, waitingNs, tokensPerS, together, inFlight } = waferBatch(run);
    const userNs = waferStepNs(step) + waitingNs;
    expect((batch * 1e9) / userNs / tokensPerS).toBeCloseTo(1, 9);
    expect(inFlight).toBeLessThanOrEqual(batch);
    // Little's law, and the slowest region's pace.
    expect((inFlight * 1e9) / waferStepNs(step)).toBeGreaterThanOrEqual(tokensPerS * (1 - 1e-9));
    const slowest = slowestRegionNs({ ...run, together }, step);
    expect(tokensPerS).toBeLessThanOrEqual((together * 1e9) / slowest + 1e-6);
  }
});

test('regions pack on the wafers that hold them, and fewer bits never slow the same wafers', () => {
  for (const { name } of MODELS) {
    const run = runOf(name);
    const { packingAt, headPes } = regionLayout(run);
    const side = bestSide(run);
    const { perWafer, stretch } = packingAt(side)!;
    const most = Math.max(perWafer, run.shape.layers - perWafer * (run.wafers - 1));
    const pes = waferRoom(wse3).across * waferRoom(wse3).down;
    expect(most * side ** 2 - 1, name).toBeLessThanOrEqual(pes);
    expect(run.shape.layers * side ** 2 + headPes - 1).toBeLessThanOrEqual(run.wafers * pes);
    expect(stretch).toBeGreaterThanOrEqual(1);
    const fp8 = { ...run, shape: inType(run.shape, 'fp8'), wide: run.shape };
    expect(timeOf(fp8), name).toBeLessThanOrEqual(timeOf(run) * (1 + 1e-9));
  }
});

test('rectangles are packed where squares are not, and refused where none are', () => {
  const room = { across: 755, down: 1170 };
  // Fifteen squares of 210 x 210 fit, twenty do not; twenty rectangles of 188 x 234 do.
  expect(stretchOf(room, 15, 210 ** 2)).toBe(1);
  const twenty = stretchOf(room, 20, 188 * 234);
  expect(twenty).toBeCloseTo((188 + 234) / 2 / Math.sqrt(188 * 234), 3);
  // Seven of 333 x 333: four in one column, three in the next.
  expect(stretchOf(room, 7, 333 ** 2)).toBeLessThan(1.02);
  expect(stretchOf(room, 9, 333 ** 2)).toBe(Number.POSITIVE_INFINITY);
  const asked = { layers: 20, wafers: 1, layerPes: 188 * 234, headPes: 0 };
  expect(packRegions(room, asked)).toBeDefined();
  expect(packRegions(room, { ...asked, headPes: 50_000 })).toBeUndefined();
});

test('8B on one wafer and 70B on four imply one crossing', () => {
  const { us, lowUs, highUs } = serviceCrossing();
  expect(lowUs).toBeGreaterThan(0.8 * us);
  expect(highUs).toBeLessThan(1.2 * us);
});

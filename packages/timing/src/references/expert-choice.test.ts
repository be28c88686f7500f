import fc from 'fast-check';
import { expect, test } from 'vitest';
import { busiestShare, drawnLoads } from '../experts/loads.ts';
import {
  assignExperts,
  canRun,
  EXPERT_ROWS,
  placementName,
  placementsFor,
  readPlacement,
  roomOf,
} from '../experts/placement.ts';
import type { ExpertPlacement } from '../experts/placement.ts';
import { drawSteps, evenRouting, profiledRouting, skewedRouting } from '../experts/routing.ts';
import { busiestExperts } from '../serving/gpu-decode.ts';
import { findModel, MODELS } from '../serving/models.ts';
import type { ProjectedWork } from '../serving/projection.ts';
import { project } from './error-bars.ts';
import { chooseExperts } from './expert-choice.ts';

function workOf(name: string, batch = 1): ProjectedWork {
  const shape = findModel(name);
  return { shape, type: 'bf16', contextTokens: 1024, promptTokens: 1024, batch };
}

const WHOLE: ExpertPlacement = { ...EXPERT_ROWS, groups: 'whole' };

// ---- routing

test('draws give each token its experts, none twice, and the same ones again', () => {
  const sizes = fc.record({
    count: fc.integer({ min: 2, max: 64 }),
    tokens: fc.integer({ min: 1, max: 9 }),
    skew: fc.double({ min: 0, max: 2, noNaN: true }),
    seed: fc.integer({ min: 0, max: 1e6 }),
  });
  fc.assert(
    fc.property(sizes, ({ count, tokens, skew, seed }) => {
      const chosen = Math.ceil(count / 3);
      const [shares] = skewedRouting(count, skew).layers;
      expect(shares!.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
      const draws = { chosen, tokens, steps: 2, seed };
      const steps = drawSteps(shares!, draws);
      for (const rows of steps) {
        expect(rows.reduce((sum, one) => sum + one, 0)).toBe(tokens * chosen);
        expect(Math.max(...rows)).toBeLessThanOrEqual(tokens);
      }
      expect(drawSteps(shares!, draws)).toEqual(steps);
    }),
    { numRuns: 40 },
  );
});

test('drawn loads of an even routing are those that can be counted', () => {
  for (const [count, chosen, groups] of [
    [8, 2, 2],
    [128, 8, 8],
    [16, 1, 4],
  ] as const) {
    const work = { count, chosen, tokens: 1, routing: evenRouting(count) };
    const exact = (busiestExperts(count, chosen, groups) * groups) / chosen;
    const drawn = busiestShare(drawnLoads(work, groups, { ...EXPERT_ROWS, groups }));
    expect(Math.abs(drawn / exact - 1), `${chosen} of ${count}`).toBeLessThan(0.05);
  }
  const many = { count: 32, chosen: 4, tokens: 64, routing: evenRouting(32) };
  const hits = drawnLoads(many, 1, EXPERT_ROWS).map(([load]) => load!.hits);
  const mean = hits.reduce((sum, one) => sum + one, 0) / hits.length;
  expect(mean).toBeCloseTo(32 * (1 - (1 - 4 / 32) ** 64), 1);
});

test('a profile is the routing that it counted, and only of a model with as many experts', () => {
  const layers = [{ layer: 1, counts: [90, 5, 5, 0] }];
  const profile = { model: 'counted', expertCount: 4, chosenCount: 1, layers };
  const routing = profiledRouting(profile, 4);
  expect(routing.layers).toEqual([[0.9, 0.05, 0.05, 0]]);
  const loads = drawnLoads({ count: 4, chosen: 1, tokens: 64, routing }, 4, WHOLE);
  expect(busiestShare(loads)).toBeGreaterThan(3);
  expect(() => profiledRouting(profile, 8)).toThrow('routing is a profile of counted, 4 experts');
  const empty = { ...profile, layers: [{ layer: 1, counts: [0, 0, 0, 0] }] };
  expect(() => profiledRouting(empty, 4)).toThrow('PLAN_OPTION');
});

// ---- placements

test('experts lie on some group, copies on others, and no group is fuller than its room', () => {
  const sizes = fc.record({
    count: fc.integer({ min: 1, max: 48 }),
    parts: fc.integer({ min: 1, max: 12 }),
    copies: fc.integer({ min: 0, max: 3 }),
    skew: fc.constantFrom(0, 1),
  });
  fc.assert(
    fc.property(sizes, ({ count, parts, copies, skew }) => {
      const groups = Math.min(parts, count);
      const placement = { ...EXPERT_ROWS, groups, copies };
      const own = assignExperts(skewedRouting(count, skew).layers[0]!, groups, placement);
      const held = Array.from({ length: groups }, () => 0);
      for (const copiesOf of own) {
        expect(copiesOf.length).toBeGreaterThan(0);
        expect(new Set(copiesOf).size).toBe(copiesOf.length);
        for (const group of copiesOf) held[group]! += 1;
      }
      const room = roomOf(count, groups, placement);
      for (const taken of held) expect(taken).toBeLessThanOrEqual(room);
    }),
    { numRuns: 60 },
  );
});

test('skew makes the busiest group busier, copies less so', () => {
  const at = (exponent: number, copies: number): number => {
    const routing = skewedRouting(128, exponent);
    const work = { count: 64, chosen: 4, tokens: 16, routing };
    return busiestShare(drawnLoads(work, 8, { groups: 8, copies, attentionPercent: 0 }));
  };
  expect(at(1, 0)).toBeGreaterThan(at(0, 0));
  expect(at(1, 1)).toBeLessThan(at(1, 0));
  expect(at(1, 4)).toBeLessThan(at(1, 1));
});

test('a placement has one name, and says whether tiles here can run it', () => {
  for (const placement of placementsFor({ isSkewed: true })) {
    expect(readPlacement(placementName(placement))).toEqual(placement);
  }
  expect(
    ['rows', 'whole', 'mixed4', 'apart25', 'whole+1'].map((name) => canRun(readPlacement(name))),
  ).toEqual([true, true, false, false, false]);
  for (const wrong of ['', 'mixed', 'mixed1', 'apart0', 'apart100', 'rows4', 'whole+']) {
    expect(() => readPlacement(wrong), wrong).toThrow('option experts');
  }
});

// ---- in time

const ROUTED = MODELS.filter(({ experts }) => experts !== undefined).map(({ name }) => name);

test('shares of each expert under an even routing are what is told without a placement', () => {
  for (const name of ROUTED) {
    for (const machine of ['wse3', 'h100x8', 'h100x16p2', 'b200x8']) {
      const work = workOf(name, 16);
      const routing = evenRouting(work.shape.experts!.count);
      const plain = project(work, machine);
      const placed = project({ ...work, experts: { placement: EXPERT_ROWS, routing } }, machine);
      expect(placed.time?.tokenUs).toBe(plain.time?.tokenUs);
      expect(placed.residency).toEqual(plain.residency);
    }
  }
});

test('copies count in what a chip holds, and every placement is the same on one GPU', () => {
  const work = workOf('gpt-oss-120b');
  const routing = skewedRouting(128, 1);
  const at = (text: string, machine: string): ReturnType<typeof project> =>
    project({ ...work, experts: { placement: readPlacement(text), routing } }, machine);
  const [none, two] = [at('whole', 'h100x8'), at('whole+2', 'h100x8')];
  const { hidden, experts, bits } = work.shape;
  const each = (3 * hidden * experts!.ffn * experts!.layers * bits.experts) / 8;
  const added = two.residency.weightBytes - none.residency.weightBytes;
  expect(added).toBeCloseTo(2 * 8 * each, 0);
  expect(two.residency.fullestBytes - none.residency.fullestBytes).toBeCloseTo(2 * each, 0);
  expect(at('whole', 'h200x1').time!.tokenUs).toBe(at('rows', 'h200x1').time!.tokenUs);
  expect(at('mixed4', 'h100x6').residency.reason).toMatch('6 GPUs do not make 4 equal groups');
});

test('auto takes the fastest that fits and says what the next one costs more', () => {
  for (const machine of ['wse3', 'h100x8', 'h100x16']) {
    const work = workOf('gpt-oss-20b', 4);
    const { projection, choice } = chooseExperts(work, machine, skewedRouting(32, 1));
    const times = choice.tried.flatMap(({ tokenUs }) => tokenUs ?? []);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(projection.time!.tokenUs).toBe(times[0]);
    expect(choice.why).toMatch(/ takes [\d.]+ us a token, .* most of it .*\(\+[\d.]+ us\)/);
    expect(choice.tried.some(({ isComputedOnly }) => isComputedOnly)).toBe(true);
    expect(projection.time!.experts!.placement).toBe(placementName(choice.placement));
  }
});

// ---- stages

test('a pipeline of one stage is none, and stages give no token sooner within a node', () => {
  const work = workOf('llama-3.1-70b', 8);
  expect(project(work, 'h100x8p1')).toEqual(project(work, 'h100x8'));
  const [one, two] = ['h100x8', 'h100x8p2'].map((name) => project(work, name).time!);
  expect(two!.tokenUs).toBeGreaterThan(one!.tokenUs);
  expect(project(work, 'h100x8p3').residency.reason).toMatch('8 GPUs do not make 3 equal stages');
  expect(project(work, 'a100x16p2').time!.causes['software of the link']).toBeLessThan(
    project(work, 'a100x16').time!.causes['software of the link'],
  );
  let before = 0;
  for (const batch of [1, 2, 3, 4, 8, 64]) {
    const { throughputTokensPerS } = project(workOf('llama-3.1-70b', batch), 'a100x16p2').time!;
    expect(throughputTokensPerS).toBeGreaterThanOrEqual(before);
    before = throughputTokensPerS;
  }
});

// ---- a prompt beside decode

test('a prompt beside decode: fewer rows a step delay others less, and the prompt longer', () => {
  for (const machine of ['wse3', 'h100x8', 'b200x8', 'a100x16p2']) {
    const work = { ...workOf('llama-3.1-70b', 8), promptTokens: 2048 };
    const at = (chunkTokens: number): NonNullable<ReturnType<typeof project>['time']> =>
      project({ ...work, chunkTokens }, machine).time!;
    const plain = project(work, machine).time!;
    expect(plain.beside).toBeUndefined();
    const [few, many, whole] = [at(64), at(512), at(4096)];
    expect({ ...few!, beside: undefined }).toEqual({ ...plain, beside: undefined });
    expect(few!.beside!.slowdown).toBeGreaterThan(1);
    expect(many!.beside!.stepUs).toBeGreaterThan(few!.beside!.stepUs);
    expect(many!.beside!.ttftMs).toBeLessThan(few!.beside!.ttftMs);
    expect(many!.beside!.steps).toBe(4);
    // A chunk is never longer than the prompt, and takes one step then.
    expect(whole!.beside).toMatchObject({ chunkTokens: 2048, steps: 1 });
    const { steps, stepUs, ttftMs, tokensPerS } = many!.beside!;
    expect(ttftMs).toBeCloseTo((steps * stepUs) / 1e3, 9);
    expect(tokensPerS).toBeCloseTo(((8 + 512) * 1e6) / stepUs, 6);
  }
});

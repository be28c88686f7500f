import {
  add,
  clampedSwiglu,
  expertSum,
  gatherRows,
  groupSlots,
  route,
  routeScratchWords,
  type RouterSpec,
  type Rounding,
} from '@wafer/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena, type Stretch } from './arena.ts';
import { randomFloats, wildFloats } from './random-weights.ts';

const ROUNDINGS: Rounding[] = ['fused', 'plain'];
const ARENA_BYTES = 2 ** 19;
const seeds = fc.integer({ min: 1, max: 1e6 });

function bits({ buffer, byteOffset, length }: Float32Array | Int32Array): number[] {
  return Array.from(new Uint32Array(buffer.slice(byteOffset, byteOffset + length * 4)));
}

function check<T>(arbitrary: fc.Arbitrary<T>, numRuns: number, predicate: (of: T) => void): void {
  fc.assert(fc.property(arbitrary, predicate), { seed: 2, numRuns });
}

/** Runs a kernel that may write these stretches alone, and compares them with the reference. */
function expectSame(
  arena: Arena,
  expected: readonly (readonly [Stretch, Float32Array | Int32Array])[],
  run: () => void,
  scratch: readonly Stretch[] = [],
): void {
  const stray = arena.strayWrite([...expected.map(([stretch]) => stretch), ...scratch], run);
  for (const [stretch, values] of expected) {
    expect(bits(arena.floats(stretch))).toEqual(bits(values));
  }
  expect(stray).toBe(-1);
}

const SCORES = ['none', 'softmax', 'sigmoid'] as const;
const WEIGHTS = ['scores', 'normalized', 'softmax'] as const;

const routers = fc.record({
  score: fc.constantFrom(...SCORES),
  weights: fc.constantFrom(...WEIGHTS),
  groups: fc.constantFrom(undefined, { count: 4, keptCount: 2 }, { count: 2, keptCount: 1 }),
  hasBias: fc.constant(false),
  hasSelectionBias: fc.boolean(),
  scale: fc.constantFrom(1, 2.5),
});

const routed = fc.record({
  router: routers,
  expertCount: fc.constantFrom(8, 16, 64, 100),
  chosenCount: fc.integer({ min: 1, max: 4 }),
  tokenCount: fc.integer({ min: 1, max: 5 }),
  isTied: fc.boolean(),
  seed: seeds,
});

/** Logits: random, or of a few values with infinities and NaN among them, so that many are tied. */
function logitsOf(count: number, seed: number, isTied: boolean): Float32Array {
  const values = randomFloats(count, seed).map((value) => value * 8);
  if (!isTied) return values;
  return values.map((value) => [-Infinity, -1, 0, 0.5, 3, NaN][Math.abs(Math.round(value)) % 6]!);
}

test.each(ROUNDINGS)(
  'route and groupSlots, %s, equal the reference, ties and NaN too',
  (rounding) => {
    const arena = new Arena(rounding, ARENA_BYTES);
    check(routed, 150, ({ seed, tokenCount, isTied, ...spec }) => {
      arena.clear();
      const { expertCount, chosenCount, router } = spec;
      const logits = logitsOf(tokenCount * expertCount, seed, isTied);
      const bias = router.hasSelectionBias ? randomFloats(expertCount, seed + 1) : undefined;
      const [x, b] = [arena.put(logits), bias && arena.put(bias)];
      const slotBytes = tokenCount * chosenCount * 4;
      const [chosen, weights, places, slots] = [0, 1, 2, 3].map(() => arena.add(slotBytes));
      const starts = arena.add((expertCount + 1) * 4);
      const scratch = arena.add(routeScratchWords(spec) * 4);
      const wanted = route(logits, bias, { spec, rounding });
      const numbers = (values: Float32Array): Float32Array =>
        values.map((value) => (Number.isNaN(value) ? NaN : value));
      const stray = arena.strayWrite([chosen!, weights!, scratch], () =>
        arena.kernels.route(
          chosen!.address,
          weights!.address,
          x.address,
          b?.address ?? 0,
          scratch.address,
          tokenCount,
          expertCount,
          chosenCount,
          SCORES.indexOf(router.score),
          WEIGHTS.indexOf(router.weights),
          router.groups?.count ?? 0,
          router.groups?.keptCount ?? 0,
          router.scale,
        ),
      );
      expect(stray).toBe(-1);
      expect([...arena.integers(chosen!)]).toEqual([...wanted.chosen]);
      expect(bits(numbers(arena.floats(weights!)))).toEqual(bits(numbers(wanted.weights)));
      const rows = groupSlots(wanted.chosen, expertCount);
      const results = [
        [starts, rows.starts],
        [places!, rows.places],
        [slots!, rows.slots],
      ] as const;
      const run = (): void =>
        arena.kernels.groupSlots(
          starts.address,
          places!.address,
          slots!.address,
          chosen!.address,
          scratch.address,
          wanted.chosen.length,
          expertCount,
        );
      expectSame(arena, results, run, [scratch]);
    });
  },
);

test('a router with every logit alike takes the lowest ids, of the lowest groups', () => {
  const router: RouterSpec = {
    score: 'softmax',
    hasBias: false,
    hasSelectionBias: false,
    groups: undefined,
    weights: 'normalized',
    scale: 1,
  };
  const spec = { expertCount: 16, chosenCount: 4, router };
  const chosen = (bias: Float32Array | undefined, more: Partial<RouterSpec>): number[] => [
    ...route(new Float32Array(16), bias, {
      spec: { ...spec, router: { ...router, ...more } },
      rounding: 'fused',
    }).chosen,
  ];
  expect(chosen(undefined, {})).toEqual([0, 1, 2, 3]);
  const last = Float32Array.from({ length: 16 }, (_, id) => (id === 15 ? 1 : 0));
  expect(chosen(last, {})).toEqual([0, 1, 2, 15]);
  const groups = { count: 4, keptCount: 1 };
  expect(chosen(last, { groups })).toEqual([12, 13, 14, 15]);
});

test('a selection bias moves the choice, never the weights', () => {
  const logits = Float32Array.of(1, 2, 3, 4);
  const bias = Float32Array.of(9, 0, 0, 0);
  const router = { score: 'sigmoid', weights: 'scores', groups: undefined, scale: 1 } as const;
  const flags = { hasBias: false, hasSelectionBias: true };
  const spec = { expertCount: 4, chosenCount: 2, router: { ...router, ...flags } };
  const { chosen, weights } = route(logits, bias, { spec, rounding: 'fused' });
  expect([...chosen]).toEqual([0, 3]);
  expect(weights[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
  expect(weights[1]).toBeCloseTo(1 / (1 + Math.exp(-4)), 6);
});

test.each(ROUNDINGS)('gatherRows and expertSum, %s, equal the reference', (rounding) => {
  const arena = new Arena(rounding, ARENA_BYTES);
  const shape = fc.record({
    tokenCount: fc.integer({ min: 1, max: 4 }),
    chosenCount: fc.integer({ min: 1, max: 8 }),
    width: fc.integer({ min: 1, max: 70 }),
    isWeighted: fc.boolean(),
    isShared: fc.boolean(),
    seed: seeds,
  });
  check(shape, 80, ({ tokenCount, chosenCount, width, isWeighted, isShared, seed }) => {
    arena.clear();
    const slotCount = tokenCount * chosenCount;
    const inputs = wildFloats(tokenCount * width, seed, 10);
    const factors = randomFloats(slotCount, seed + 1);
    const ids = randomFloats(slotCount, seed + 2).map((value) => Math.abs(value * 8));
    const { places, slots } = groupSlots(Int32Array.from(ids), 64);
    const weights = isWeighted ? factors : undefined;
    const [x, placed, slotted] = [arena.put(inputs), arena.put(places), arena.put(slots)];
    const weightAddress = weights ? arena.put(weights).address : 0;
    const [rows, y] = [arena.add(slotCount * width * 4), arena.add(inputs.byteLength)];
    const gathered = new Float32Array(slotCount * width);
    gatherRows(gathered, inputs, { slots, weights, chosenCount });
    const sums = new Float32Array(inputs.length);
    expertSum(sums, gathered, { places, weights, chosenCount }, rounding);
    if (isShared) add(sums, inputs);
    const { kernels } = arena;
    const sizes = [chosenCount, width] as const;
    const table = [slotted.address, weightAddress] as const;
    expectSame(arena, [[rows, gathered]], () =>
      kernels.gatherRows(rows.address, x.address, width, ...table, slotCount, ...sizes),
    );
    const shared = isShared ? x.address : 0;
    const back = [placed.address, weightAddress, shared, width] as const;
    expectSame(arena, [[y, sums]], () =>
      kernels.expertSum(y.address, width, rows.address, width, ...back, tokenCount, ...sizes),
    );
  });
});

test.each(ROUNDINGS)('clampedSwiglu, %s, equals the reference from -∞ to ∞', (rounding) => {
  const arena = new Arena(rounding, ARENA_BYTES);
  const shape = fc.record({
    tokenCount: fc.integer({ min: 1, max: 3 }),
    width: fc.integer({ min: 1, max: 70 }),
    limit: fc.constantFrom(1, 7),
    seed: seeds,
  });
  check(shape, 60, ({ tokenCount, width, limit, seed }) => {
    arena.clear();
    const gates = wildFloats(tokenCount * width, seed, 12);
    gates.set([-Infinity, Infinity, -0, -88.4].slice(0, width));
    const ups = wildFloats(tokenCount * width, seed + 1, 12);
    const [gate, up, y] = [arena.put(gates), arena.put(ups), arena.add(gates.byteLength)];
    const expected = new Float32Array(gates.length);
    clampedSwiglu(expected, gates, ups, { alpha: 1.702, limit, rounding });
    const sizes = [tokenCount, width, 1.702, limit] as const;
    expectSame(arena, [[y, expected]], () =>
      arena.kernels.clampedSwiglu(y.address, width, gate.address, up.address, ...sizes),
    );
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  broadcastCycles,
  chainReduceCycles,
  gridBroadcastCycles,
  groupTwoPhaseReduceCycles,
  levelTreeReduceCycles,
  ringAllReduceCycles,
  starReduceCycles,
  treeReduceCycles,
} from '../collective/mesh-line.ts';
import type { LineUse } from '../collective/mesh-line.ts';
import {
  broadcastProgram,
  chainReduceProgram,
  gridBroadcastProgram,
  ringAllReduceProgram,
  starReduceProgram,
  treeReduceProgram,
  twoPhaseReduceProgram,
} from './line-programs.ts';
import type { ColorRoute, MeshProgram, PeAction } from './mesh-program.ts';
import { simulateMesh } from './mesh-simulator.ts';
import type { MeshRun } from './mesh-simulator.ts';

function valuesOf({ width, height, elements }: MeshProgram): Float64Array {
  return Float64Array.from({ length: width * height * elements }, (_, i) => (7 * i) % 13);
}

function run(program: MeshProgram): MeshRun {
  return simulateMesh(program, valuesOf(program));
}

/** Whether PEs from 0 to `pes` hold what `of` makes of all PEs' elements. */
function expectAll(
  program: MeshProgram,
  { values }: MeshRun,
  { pes, of }: { pes: number; of: (column: number[]) => number },
): void {
  const { width, height, elements } = program;
  const before = valuesOf(program);
  const wanted = Array.from({ length: elements }, (_, element) =>
    of(Array.from({ length: width * height }, (_unused, pe) => before[pe * elements + element]!)),
  );
  const found = Array.from({ length: pes }, (_, pe) =>
    [...values.subarray(pe * elements, (pe + 1) * elements)].join(','),
  );
  expect(new Set(found)).toEqual(new Set([wanted.join(',')]));
}

const sum = (column: number[]): number => column.reduce((all, value) => all + value, 0);
const GROUP_PES = 8;
const grouped = (use: LineUse): LineUse & { groupPes: number } => ({ ...use, groupPes: GROUP_PES });

const REDUCES: readonly [string, (use: LineUse) => MeshProgram, (use: LineUse) => number][] = [
  ['star', starReduceProgram, starReduceCycles],
  ['chain', chainReduceProgram, chainReduceCycles],
  ['tree', treeReduceProgram, levelTreeReduceCycles],
  [
    'two-phase',
    (use) => twoPhaseReduceProgram(grouped(use)),
    (use) => groupTwoPhaseReduceCycles(grouped(use)),
  ],
];

test.each(REDUCES)('%s: the sum arrives, in the cycles of its closed form', (_, make, form) => {
  for (const rampCycles of [2, 5]) {
    for (const [pes, wavelets] of [
      [16, 16],
      [32, 1],
      [64, 60],
    ] as const) {
      const use = { pes, wavelets, rampCycles };
      const program = make(use);
      const found = run(program);
      expectAll(program, found, { pes: 1, of: sum });
      const beside = Math.abs(form(use) - found.cycles);
      // The star's form leaves out a hop, which is more than 2 % of a single wavelet's way.
      expect(beside).toBeLessThanOrEqual(Math.max(1, 0.02 * found.cycles));
    }
  }
});

test('broadcasts and the ring: all PEs have it, in the cycles of their closed forms', () => {
  const line = { pes: 512, wavelets: 16 };
  const flood = broadcastProgram(line);
  const flooded = run(flood);
  expectAll(flood, flooded, { pes: 512, of: ([first]) => first! });
  expect(flooded.cycles).toBe(broadcastCycles(line));
  expect(flooded.hops).toBe(511 * 16);
  const grid = { across: 64, down: 64, wavelets: 4 };
  expect(run(gridBroadcastProgram(grid)).cycles).toBe(gridBroadcastCycles(grid));
  for (const use of [
    { pes: 4, wavelets: 256 },
    { pes: 16, wavelets: 48 },
  ]) {
    const ring = ringAllReduceProgram(use);
    const found = run(ring);
    expectAll(ring, found, { pes: use.pes, of: sum });
    expect(Math.abs(ringAllReduceCycles(use) / found.cycles - 1)).toBeLessThanOrEqual(0.02);
  }
});

test('the published form of the tree counts links that nothing waits for', () => {
  const use = { pes: 16, wavelets: 16 };
  const { cycles } = run(treeReduceProgram(use));
  expect(treeReduceCycles(use) / cycles - 1).toBeGreaterThan(0.1);
  expect(levelTreeReduceCycles(use)).toBe(cycles);
});

test('a full queue makes its sender wait and loses nothing; longer queues are never slower', () => {
  const shapes = fc.record({
    pes: fc.constantFrom(4, 8, 16),
    wavelets: fc.integer({ min: 1, max: 24 }),
    make: fc.constantFrom(starReduceProgram, treeReduceProgram, chainReduceProgram),
  });
  fc.assert(
    fc.property(shapes, fc.integer({ min: 0, max: 6 }), ({ pes, wavelets, make }, rampCycles) => {
      const program = make({ pes, wavelets, rampCycles });
      const [one, two, eight] = [1, 2, 8].map((queueWavelets) =>
        run({ ...program, queueWavelets }),
      );
      for (const found of [one!, two!, eight!]) {
        expectAll(program, found, { pes: 1, of: sum });
        expect(found.hops).toBe(two!.hops);
      }
      expect(one!.cycles).toBeGreaterThanOrEqual(two!.cycles);
      expect(two!.cycles).toBeGreaterThanOrEqual(eight!.cycles);
      const slower = run(make({ pes, wavelets, rampCycles: rampCycles + 1 }));
      expect(slower.cycles).toBeGreaterThanOrEqual(two!.cycles);
    }),
    { numRuns: 40 },
  );
});

const LINE = { width: 3, height: 1, rampCycles: 2, queueWavelets: 2 };

test('two colors share a link: together they take as long as their wavelets', () => {
  const elements = 64;
  const half = elements / 2;
  const routes: ColorRoute[] = [
    { pe: 0, color: 0, positions: [{ from: 'R', to: ['E'] }] },
    { pe: 1, color: 0, positions: [{ from: 'W', to: ['E'] }] },
    { pe: 1, color: 1, positions: [{ from: 'R', to: ['E'] }] },
    { pe: 2, color: 0, positions: [{ from: 'W', to: ['R'] }] },
    { pe: 2, color: 1, positions: [{ from: 'W', to: ['R'] }] },
  ];
  const send = (output: number): PeAction => ({ does: 'send', output, start: 0, count: half });
  const store = (input: number, start: number): PeAction => {
    return { does: 'store', input, start, count: half };
  };
  const actions = [[send(0)], [send(1)], [store(1, 0), store(0, half)]];
  const { cycles, values } = run({ ...LINE, elements, routes, actions });
  expect(cycles).toBeGreaterThanOrEqual(elements);
  expect(cycles).toBeLessThan(elements + 16);
  const before = valuesOf({ ...LINE, elements, routes, actions });
  expect(values.slice(2 * elements, 2 * elements + half)).toEqual(
    before.slice(elements, elements + half),
  );
  expect(values.slice(2 * elements + half)).toEqual(before.slice(0, half));
});

test('wavelets that wait for each other are reported, not waited for', () => {
  const routes: ColorRoute[] = [{ pe: 0, color: 0, positions: [{ from: 'R', to: ['E'] }] }];
  const store: PeAction = { does: 'store', input: 3, start: 0, count: 1 };
  expect(() => run({ ...LINE, elements: 1, routes, actions: [[], [store], []] })).toThrow(
    'wait for each other',
  );
});

test('two runs are the same to the bit', () => {
  const program = twoPhaseReduceProgram({ pes: 64, wavelets: 32, groupPes: 8 });
  expect(run(program)).toEqual(run(program));
});

/**
 * The virtual clock of a run is the simulated clock of its plan, to the bit, and every knob of a
 * described machine moves it while tokens stay what they are.
 */
import {
  auditSteps,
  B200,
  customLink,
  diceGrid,
  ETHERNET_100G,
  H100,
  hostMachine,
  NVLINK4,
  NVLINK5,
  parseGrid,
  WSE3,
} from '@wafer/core';
import type { Dice } from '@wafer/core';
import { openModel } from '@wafer/runtime';
import type { Model, VirtualOptions, WaferOptions } from '@wafer/runtime';
import { measureVirtual } from '@wafer/bench';
import { prepareModel } from '@wafer/runtime/internal';
import { ALL_TERMS, walkPlan } from '@wafer/timing';
import type { ClockOptions } from '@wafer/timing';
import { beforeAll, expect, test } from 'vitest';
import { greedy, seededTokens, withWafer } from './wafers.ts';

let model: Model;
let uncut: number[];
const PROMPT_COUNT = 21;
const MAX_TOKENS = 6;

beforeAll(async () => {
  model = await openModel('synthetic:tiny');
  const prompt = seededTokens(model, PROMPT_COUNT);
  uncut = await withWafer({ model, grid: '1x1' }, (wafer) => greedy(wafer, prompt, MAX_TOKENS));
});

type Layout = Partial<WaferOptions> & { virtual: VirtualOptions };
const H100_NVLINK = { machine: H100, link: NVLINK4 };

/** A host as `wafer calibrate` might find one; it has one tile, for want of a fabric. */
const HOST = hostMachine({
  flopsPerS: 1e11,
  memoryBytes: 8e9,
  readBytesPerS: 2e10,
  opFloorNs: 500,
});

const layouts: Layout[] = [
  { grid: '1x1', virtual: { machine: H100 } },
  { grid: '1x1', virtual: { machine: HOST } },
  { grid: '2x1', threads: 1, virtual: { machine: WSE3 } },
  { grid: '2x1', dice: '2x1', threads: 1, virtual: H100_NVLINK },
  { grid: '2x1', dice: '2x1', threads: 2, virtual: H100_NVLINK },
  { grid: '2x2', dice: '2x1', threads: 2, virtual: { machine: B200, link: NVLINK5 } },
  { grid: '2x2', dice: '2x2', stages: 2, threads: 2, virtual: H100_NVLINK },
  { grid: '4x1', dice: '2x1', stages: 2, threads: 1, virtual: { ...H100_NVLINK, elementBytes: 2 } },
  { grid: '4x1', dice: '4x1', tensorPlan: 'megatron', threads: 2, virtual: H100_NVLINK },
  { grid: '3x2', dice: '3x1', threads: 2, virtual: { ...H100_NVLINK, link: ETHERNET_100G } },
  {
    grid: '4x1',
    dice: '2x1',
    tensorPlan: 'megatron',
    stages: 2,
    threads: 2,
    virtual: { ...H100_NVLINK, collective: 'custom' },
  },
  {
    grid: '2x2',
    dice: '2x2',
    tensorPlan: 'megatron',
    threads: 2,
    virtual: { ...H100_NVLINK, collective: 'nccl', terms: { ...ALL_TERMS, memory: false } },
  },
];

function diceOf({ grid, dice }: Layout): Dice {
  return diceGrid(parseGrid(grid!), dice ?? '1x1');
}

test.each(layouts)('each step takes the time of its walk on %o', async (layout) => {
  const options = { model, recordSteps: true, tokensPerStep: 32, ...layout };
  await withWafer(options, async (wafer) => {
    // A prompt alone, whose first chunks nobody asks about; then prefills mixed with decodes.
    await greedy(wafer, seededTokens(model, 80, 9), 2);
    const prompts = [PROMPT_COUNT, 5, 40].map((count) => seededTokens(model, count, count));
    const answers = await Promise.all(prompts.map((prompt) => greedy(wafer, prompt, MAX_TOKENS)));
    expect(answers.map(({ length }) => length)).toEqual([MAX_TOKENS, MAX_TOKENS, MAX_TOKENS]);
    const { virtual, steps } = await wafer.metrics();
    const shapes = virtual?.steps?.map(({ shape: { program, tokens } }) => ({ program, tokens }));
    expect(shapes).toEqual(steps);
    expect(steps?.some(({ program }) => program === 'extend')).toBe(true);
    const clock = { ...layout.virtual, dice: diceOf(layout) } as ClockOptions;
    let totalNs = 0;
    for (const { shape, stepVirtualNs } of virtual?.steps ?? []) {
      const walk = walkPlan(wafer.plan, { ...clock, step: shape });
      expect(stepVirtualNs).toBe(walk.stepNs);
      totalNs += walk.stepNs;
    }
    expect(virtual?.totalVirtualNs).toBe(totalNs);
  });
});

const WIRE = { latencyNs: 2000, bandwidthBytesPerS: 1e9, overheadNs: 3000 };
const CUT: Layout = {
  grid: '2x2',
  dice: '2x1',
  tensorPlan: 'megatron',
  threads: 2,
  virtual: { machine: H100, link: customLink(WIRE) },
};

/** Virtual time of an answer, and the answer. */
async function told(layout: Layout): Promise<{ totalVirtualNs: number; tokens: number[] }> {
  return withWafer({ model, ...layout }, async (wafer) => {
    const tokens = await greedy(wafer, seededTokens(model, PROMPT_COUNT), MAX_TOKENS);
    const { virtual } = await wafer.metrics();
    return { totalVirtualNs: virtual!.totalVirtualNs, tokens };
  });
}

const withLink = (wire: Partial<typeof WIRE>): Layout => ({
  ...CUT,
  virtual: { machine: H100, link: customLink({ ...WIRE, ...wire }) },
});
const withClock = (virtual: Partial<VirtualOptions>): Layout => ({
  ...CUT,
  virtual: { ...CUT.virtual, ...virtual },
});

let cut: ReturnType<typeof told> | undefined;

const knobs: [string, 'longer' | 'shorter', Layout][] = [
  ['more latency', 'longer', withLink({ latencyNs: 4000 })],
  ['less bandwidth', 'longer', withLink({ bandwidthBytesPerS: 5e8 })],
  ['more overhead', 'longer', withLink({ overheadNs: 6000 })],
  ['a faster link', 'shorter', withClock({ link: NVLINK4 })],
  ['no cut', 'shorter', { ...CUT, dice: '1x1' }],
  ['the other cut too', 'longer', { ...CUT, dice: '2x2' }],
  ['quicker kernels', 'shorter', withClock({ machine: B200 })],
  // A gather crosses once; a sum by messages crosses twice, in and out.
  ['gathers instead of sums', 'shorter', { ...CUT, tensorPlan: 'column' }],
  ['one-shot kernels', 'shorter', withClock({ collective: 'custom' })],
  ['smaller activations', 'shorter', withClock({ elementBytes: 2 })],
  ['no latency', 'shorter', withClock({ terms: { ...ALL_TERMS, latency: false } })],
];

test.each(knobs)('%s: %s, and the same tokens', async (_, direction, layout) => {
  const base = await (cut ??= told(CUT));
  const turned = await told(layout);
  expect(base.tokens).toEqual(uncut);
  expect(turned.tokens).toEqual(uncut);
  if (direction === 'longer') expect(turned.totalVirtualNs).toBeGreaterThan(base.totalVirtualNs);
  else expect(turned.totalVirtualNs).toBeLessThan(base.totalVirtualNs);
});

test('pieces carry the virtual clock, which adds up to the total', async () => {
  await withWafer({ model, ...CUT, recordSteps: true }, async (wafer) => {
    const times: (number | undefined)[] = [];
    const prompt = seededTokens(model, PROMPT_COUNT);
    for await (const piece of wafer.generate(prompt, { maxTokens: 4 })) times.push(piece.virtualNs);
    const { virtual } = await wafer.metrics();
    let totalNs = 0;
    expect(times).toEqual(virtual?.steps?.map((step) => (totalNs += step.stepVirtualNs)));
    expect(totalNs).toBe(virtual?.totalVirtualNs);
    for (const tile of virtual!.tiles) {
      const { computeVirtualNs, transferVirtualNs, waitVirtualNs } = tile;
      const spentNs = computeVirtualNs + transferVirtualNs + waitVirtualNs;
      expect(computeVirtualNs).toBeGreaterThan(0);
      expect(spentNs).toBeLessThan(totalNs * (1 + 1e-9));
    }
  });
});

test('a measured run has its tokens, times and bytes, the same each time', async () => {
  const options = { model, recordSteps: true, contextTokens: 128, ...CUT };
  const request = { prompt: seededTokens(model, PROMPT_COUNT), maxTokens: MAX_TOKENS };
  const first = await measureVirtual(options, request);
  expect(await measureVirtual({ ...options, threads: 1 }, request)).toEqual(first);
  const { tokens, prefillVirtualNs, tokenVirtualNs, tokensPerS, shares, kerfBytesPerToken } = first;
  expect(tokens).toEqual(uncut);
  expect(prefillVirtualNs).toBeGreaterThan(tokenVirtualNs.p50);
  expect(tokenVirtualNs.p99).toBeGreaterThanOrEqual(tokenVirtualNs.p50);
  expect(tokensPerS).toBeGreaterThan(1e9 / tokenVirtualNs.p99);
  expect(shares.compute + shares.transfer + shares.wait).toBeCloseTo(1, 12);
  const { plan } = prepareModel(model, options);
  const { chipOf } = diceOf(CUT);
  const steps = [[...request.prompt], ...tokens.slice(0, -1).map((token) => [token])];
  const audited = steps.map((own) => ({ program: 'infer' as const, tokens: own }));
  const bytes = auditSteps(plan, audited).reduce((sum, { channel, payloadBytes }) => {
    const { source, target } = plan.channels[channel]!;
    return chipOf[source] === chipOf[target] ? sum : sum + payloadBytes;
  }, 0);
  expect(kerfBytesPerToken).toBe(bytes / steps.flat().length);
});

test('without a machine there is no virtual clock', async () => {
  await withWafer({ model, grid: '2x1' }, async (wafer) => {
    for await (const { virtualNs } of wafer.generate([1, 2], { maxTokens: 2 })) {
      expect(virtualNs).toBeUndefined();
    }
    expect((await wafer.metrics()).virtual).toBeUndefined();
  });
});

const slow = customLink({ latencyNs: 400_000, bandwidthBytesPerS: 1e9, overheadNs: 100_000 });
const quick = customLink({ latencyNs: 200_000, bandwidthBytesPerS: 1e9, overheadNs: 100_000 });

test('held messages leave tokens and virtual time, and say how long they took', async () => {
  for (const threads of [1, 2]) {
    const layout: Layout = {
      grid: '2x1',
      dice: '2x1',
      threads,
      virtual: { machine: H100, link: slow },
    };
    const free = await told(layout);
    await withWafer(
      { model, ...layout, virtual: { ...layout.virtual, injectDelays: true } },
      async (wafer) => {
        const prompt = seededTokens(model, PROMPT_COUNT);
        expect(await greedy(wafer, prompt, MAX_TOKENS)).toEqual(uncut);
        const { virtual } = await wafer.metrics();
        expect(virtual!.totalVirtualNs).toBe(free.totalVirtualNs);
        const { heldCount, unwaitedCount, medianAskedNs, medianHeldNs } = virtual!.delays!;
        const sent = wafer.traffic().channels.reduce((sum, { messages }) => sum + messages, 0);
        expect(heldCount + unwaitedCount).toBe(sent);
        expect(heldCount).toBeGreaterThan(0);
        // Never let through early; how late is reported, not asserted.
        expect(medianAskedNs).toBeGreaterThan(500_000);
        expect(medianHeldNs).toBeGreaterThanOrEqual(medianAskedNs!);
      },
    );
  }
});

const refused: [string, Layout, string][] = [
  ['a cut without a link', { ...CUT, virtual: { machine: 'h100' } }, 'option link is none'],
  ['an unknown machine', withClock({ machine: 'h1' }), 'option as is h1; expected one of wse3'],
  ['a link that nobody sells', withClock({ link: 'wire' }), 'option link is wire; expected one of'],
  ['a host that was not measured', withClock({ machine: 'host' }), 'machine host lacks'],
  [
    'kernels that a link has not',
    withClock({ link: ETHERNET_100G, collective: 'custom' }),
    'MACHINE_PARAMETER',
  ],
  [
    'holding on an uncut wafer',
    { ...withClock({ injectDelays: true }), dice: '1x1' },
    'injectDelays is true',
  ],
  [
    'holding what a library sends',
    withClock({ injectDelays: true, link: slow, collective: 'nccl' }),
    'option collective is nccl; expected messages',
  ],
  [
    'more tiles than cores',
    {
      ...withClock({ injectDelays: true, link: slow }),
      grid: '64x1',
      dice: '2x1',
      tensorPlan: 'column',
    },
    'option grid is 64 tiles; expected at most',
  ],
  [
    'messages too quick to be held',
    { grid: '2x1', dice: '2x1', virtual: { machine: H100, link: quick, injectDelays: true } },
    'option link is custom, 300',
  ],
];

test.each(refused)('%s is refused with its code', async (_, layout, message) => {
  await expect(withWafer({ model, ...layout }, () => Promise.resolve())).rejects.toThrow(message);
});

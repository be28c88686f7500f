import type { Worker } from 'node:worker_threads';
import { bytesOf, KV_BLOCK_TOKENS, StepView } from '@wafer/core';
import type { TilePlan } from '@wafer/core';
import { openSynthetic, SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
import { prepareModel } from '@wafer/runtime/internal';
import { kernelShapesOf, shapeName } from '@wafer/timing';
import { expect, test } from 'vitest';
import { HostKernels } from './host-kernels.ts';
import { hostSteps } from './told-row.ts';
import { KernelThread } from './kernel-thread.ts';
import { WalkedTile } from './kernel-walk.ts';
import { quantilesOf, timeAt } from './quantiles.ts';

const TASK = { promptTokens: 8, maxTokens: 4 };
/** So that a prompt is two steps. */
const { decode, prefill } = hostSteps(TASK, { prefillChunk: 5 });
const STEPS = [decode, ...prefill];
const planOf = (grid: string) => prepareModel(openSynthetic('synthetic:tiny:q8_0'), { grid }).plan;

test('a walk calls every kernel of a program in its order, and stops at every message', () => {
  const plan = planOf('2x1');
  for (const tile of plan.tiles) {
    const walked = new WalkedTile(tile, STEPS);
    for (const step of STEPS) {
      const { constants, programs } = tile;
      const program = programs[step.program ?? 'infer'];
      const wanted = program.flatMap((each) => kernelShapesOf(each, { step, constants }));
      const stretches = walked.stretchesOf(step);
      expect(stretches.flat().map(({ name }) => name)).toEqual(wanted.map(shapeName));
      const waits = program.filter(({ op }) => op === 'receive').length;
      expect(stretches).toHaveLength(1 + waits);
      for (const { run } of stretches.flat()) run();
    }
  }
});

test('one tile is timed alone and two together; no kernel of either is left out', async () => {
  const plans = [planOf('1x1'), planOf('2x1')];
  await using kernels = await HostKernels.open({
    ...{ plans, steps: STEPS, isQuick: true, quantile: 0.5 },
  });
  const times = await kernels.sample();
  const found = new Set(times.map(({ shape }) => shapeName(shape)));
  for (const { constants, programs } of plans.flatMap(({ tiles }) => tiles)) {
    const shapes = STEPS.flatMap((step) =>
      programs[step.program ?? 'infer'].flatMap((each) =>
        kernelShapesOf(each, { step, constants }),
      ),
    );
    for (const shape of shapes) expect(found).toContain(shapeName(shape));
  }
  expect(times.every(({ aloneNs, togetherNs }) => aloneNs > 0 && togetherNs > 0)).toBe(true);
});

test('each plan is walked apart, so that weights of one do not push out those of another', () => {
  const tiles = { 1: [planOf('1x1'), planOf('1x1')].map((plan) => plan.tiles) };
  const words = new Int32Array(new SharedArrayBuffer(64));
  const thread = new KernelThread({ isFirst: true, words, tiles, steps: [decode] });
  const times = thread.run({ threadCount: 1, sampleMs: 0, quantile: 0.5 });
  const names = times.map(({ shape }) => shapeName(shape));
  expect(names).toHaveLength(2 * new Set(names).size);
});

test('layers with windows walk a prompt that is longer than their pool', () => {
  const [promptTokens, contextTokens] = [20_000, 20_480];
  const spec = { ...SYNTHETIC_SPECS['mistral']!, contextMax: contextTokens };
  const model = syntheticModel({ name: 'windows', spec, type: 'f32', seed: 0 });
  const layout = { grid: '1x1', sequences: 2, contextTokens };
  const { plan, options } = prepareModel(model, layout);
  const [tile] = plan.tiles;
  const steps = hostSteps({ promptTokens, maxTokens: 4 }, options);
  const asked = [steps.decode, steps.prefill.at(-1)!];
  const walked = new WalkedTile(tile!, asked);
  const calls = asked.flatMap((step) => walked.stretchesOf(step).flat());
  expect(calls.map(({ shape }) => shape)).toContainEqual(
    expect.objectContaining({ op: 'attend', positions: promptTokens }),
  );
  expect(bytesOf(tile!.buffers, 'kv-windows')).toBeGreaterThan(0);
  for (const { run } of calls) run();
});

test.each(['kv', 'kv-windows'] as const)('blocks of the pool %s are walked, and filled', (role) => {
  const [promptTokens, contextTokens] = [4000, 4096];
  const spec = { ...SYNTHETIC_SPECS['gpt-oss']!, contextMax: contextTokens };
  const model = syntheticModel({ name: 'pools', spec, type: 'f32', seed: 0 });
  const { plan, options } = prepareModel(model, { grid: '1x1', sequences: 2, contextTokens });
  const [{ buffers, programs, sramBytes }] = plan.tiles as [TilePlan];
  const step = hostSteps({ promptTokens, maxTokens: 4 }, options).prefill.at(-1)!;
  const { memory } = new WalkedTile(plan.tiles[0]!, [step]);
  const record = new StepView(memory.buffer).look(Math.ceil(sramBytes / 64) * 64);
  const attends = programs.infer.filter((one) => one.op === 'attend');
  const isWindow = role === 'kv-windows';
  const { kvBlockStride } = attends.find(({ isInWindowPool }) => isInWindowPool === isWindow)!;
  const { address, bytes } = buffers.find((buffer) => buffer.role === role)!;
  const [needed, count] = [promptTokens / KV_BLOCK_TOKENS, bytes / kvBlockStride];
  expect(count < needed).toBe(isWindow);
  const table = isWindow ? record.segmentWindowBlocks(0) : record.segmentBlocks(0);
  const blocks = Array.from({ length: needed }, (_, i) => i % count);
  expect([...new Int32Array(memory.buffer, table, needed)]).toEqual(blocks);
  const walked = Buffer.from(memory.buffer, address, Math.min(needed, count) * kvBlockStride);
  expect(walked.equals(Buffer.alloc(walked.length, walked[0]))).toBe(true);
  expect(walked[0]).not.toBe(0);
});

test('steps with more rows than the tiles have buffers for are refused', async () => {
  const { prefill: steps } = hostSteps({ ...TASK, promptTokens: 200 }, { prefillChunk: 200 });
  const use = { plans: [planOf('1x1')], steps, isQuick: true, quantile: 0.5 };
  await expect(HostKernels.open(use)).rejects.toThrow(/buffers for the rows/);
});

test('threads end where one of them has no memory', async () => {
  const plan = planOf('2x1');
  const [first, second] = plan.tiles;
  const tiles = [first!, { ...second!, sramBytes: 2 ** 40 }];
  const workers: Worker[] = [];
  const note = (worker: Worker): unknown => workers.push(worker);
  process.on('worker', note);
  const use = { plans: [{ ...plan, tiles }], steps: STEPS, isQuick: true, quantile: 0.5 };
  await expect(HostKernels.open(use)).rejects.toThrow(RangeError);
  process.off('worker', note);
  expect(workers.length).toBeGreaterThan(0);
  // A thread that has ended has no number.
  expect(workers.map(({ threadId }) => threadId)).toEqual(workers.map(() => -1));
});

test('quantiles go into lists and objects, and leave names and what is absent', () => {
  const sample = (ns: number): object => ({ name: 'a', times: [{ ns }, 2 * ns], io: undefined });
  const samples = [3, 1, 2].map(sample);
  expect(quantilesOf(samples, 0.5)).toEqual(sample(2));
  expect(quantilesOf(samples, 0.1)).toEqual(sample(1));
  expect(timeAt([1, 2, 3, 4], 0.5)).toBe(2.5);
});

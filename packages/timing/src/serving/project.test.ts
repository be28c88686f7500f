import { figuresIn, GPU_FACTS, tryWaferFacts, WAFER_FACTS } from '@wafer/core';
import type { GpuFacts, WaferFacts } from '@wafer/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusterUs } from '../collective/cluster.ts';
import { nodeAllReduceUs } from '../collective/node-all-reduce.ts';
import { validate } from '../references/validate.ts';
import { shapeOfConfig } from './config-shape.ts';
import { busiestExperts } from './gpu-decode.ts';
import { impliedPrefill } from './gpu-prefill.ts';
import { findModel, MODELS } from './models.ts';
import { cohortError, project } from '../references/error-bars.ts';
import { CAUSES, speedRatio, sumOfCauses, waterfallBetween } from './projection.ts';
import { projectGpu } from './project-gpu.ts';
import { projectWafer } from './project-wafer.ts';
import type { BareProjection, ProjectedTime, ProjectedWork } from './projection.ts';
import { acceptedTokens, speculationRange } from './speculation.ts';
import { streamedSeconds, streamingBreakEven } from './streaming.ts';

const MACHINES = [
  'wse2',
  'wse3',
  'a100x8',
  'h100x1',
  'h100x8',
  'h200x8',
  'b200x8',
  'gb200x4',
  'groq',
];

function workOf(name: string, more: Partial<ProjectedWork> = {}): ProjectedWork {
  const shape = findModel(name);
  return { shape, type: 'bf16', contextTokens: 1024, promptTokens: 1024, batch: 1, ...more };
}

function timeOn(machine: string, name: string, more: Partial<ProjectedWork> = {}): ProjectedTime {
  const { time, residency } = project(workOf(name, more), machine);
  expect(time, residency.reason).toBeDefined();
  return time!;
}

test('causes add up to a token on every machine for every model, and the range holds it', () => {
  for (const { name } of MODELS) {
    for (const machine of MACHINES) {
      const { time, residency } = project(workOf(name), machine);
      expect(time === undefined).toBe(residency.mode === 'refused');
      if (!time) continue;
      expect(sumOfCauses(time.causes)).toBeCloseTo(time.tokenUs, 6);
      for (const cause of CAUSES) expect(time.causes[cause]).toBeGreaterThanOrEqual(0);
      expect(time.lowUs).toBeLessThan(time.tokenUs);
      expect(time.highUs).toBeGreaterThan(time.tokenUs);
      expect(time.checked).not.toBe('');
    }
  }
});

test('an error bar is the error of the nearest published rows, which validate prints', () => {
  const { rows } = validate();
  const largest = (cohort: string, machine?: string): number =>
    Math.max(
      ...rows
        .filter((row) => row.cohort === cohort && (machine ?? row.machine) === row.machine)
        .map(({ isFitted, error, leftOutError }) =>
          Math.abs((isFitted ? leftOutError : error) ?? 0),
        ),
    );
  const decode = 'GPU decode, tensor parallel';
  for (const machine of ['A100', 'H100'] as const) {
    const bar = cohortError({ cohort: decode, machine });
    expect(bar).toMatchObject({ isOwn: true, largest: largest(decode, machine) });
  }
  expect(cohortError({ cohort: decode, machine: 'B200' })).toMatchObject({
    isOwn: false,
    largest: largest(decode),
  });
  const [h100, b200] = ['h100x8', 'b200x8'].map((name) => timeOn(name, 'llama-3.1-70b'));
  const rises = h100!.swings.map(({ highUs }) => Math.max(0, highUs - h100!.tokenUs));
  const most = rises.reduce((us, rise) => us + rise, h100!.tokenUs);
  const { factor } = cohortError({ cohort: decode, machine: 'H100' });
  expect(h100!.highUs / most).toBeCloseTo(factor, 9);
  for (const row of rows.filter((one) => one.cohort === decode && one.machine === 'H100')) {
    const published = 1 / (1 + ((row.isFitted ? row.leftOutError : row.error) ?? 0));
    expect(published).toBeGreaterThanOrEqual(1 / factor - 1e-12);
    expect(published).toBeLessThanOrEqual(factor + 1e-12);
  }
  expect(h100!.checked).toContain('of H100');
  expect(b200!.checked).toContain('not checked anywhere on B200');
  expect(timeOn('wse3', 'llama-4-scout', { batch: 8 }).checked).toMatch(/batch.*experts/);
  expect(h100!.ttftHighMs).toBeGreaterThan(h100!.ttftMs);
});

test('a waterfall between two machines adds up to their difference, cause by cause', () => {
  const [from, to] = [timeOn('wse3', 'llama-3.1-70b'), timeOn('h100x8', 'llama-3.1-70b')];
  const change = waterfallBetween(from, to).reduce((sum, { changeUs }) => sum + changeUs, 0);
  expect(change).toBeCloseTo(to.tokenUs - from.tokenUs, 6);
});

test('longer contexts are never faster, and larger batches give no less in all', () => {
  const names = fc.constantFrom(...MODELS.map(({ name }) => name));
  const machines = fc.constantFrom(...MACHINES.filter((name) => name !== 'groq'));
  const sizes = fc.record({
    context: fc.integer({ min: 1, max: 4096 }),
    batch: fc.integer({ min: 1, max: 16 }),
  });
  fc.assert(
    fc.property(names, machines, sizes, (name, machine, { context, batch }) => {
      const at = (more: Partial<ProjectedWork>): ProjectedTime | undefined =>
        project(workOf(name, { contextTokens: context, ...more }), machine).time;
      const one = at({});
      const longer = at({ contextTokens: 2 * context + 512 });
      const many = at({ batch });
      if (one && longer) expect(longer.tokenUs).toBeGreaterThanOrEqual(one.tokenUs * (1 - 1e-9));
      if (!one || !many) return;
      expect(many.throughputTokensPerS).toBeGreaterThanOrEqual(
        one.throughputTokensPerS * (1 - 1e-9),
      );
    }),
    { numRuns: 60 },
  );
});

test('every type of weights, prompt and number of chips moves the output', () => {
  const base = timeOn('h100x8', 'llama-3.1-70b');
  expect(timeOn('h100x8', 'llama-3.1-70b', { type: 'fp8' }).tokenUs).toBeLessThan(base.tokenUs);
  const b200 = (type: ProjectedWork['type']): number =>
    timeOn('b200x8', 'llama-3.1-70b', { type }).tokenUs;
  expect(b200('fp4')).toBeLessThan(b200('fp8'));
  expect(timeOn('h100x8', 'llama-3.1-70b', { promptTokens: 8192 }).ttftMs).toBeGreaterThan(
    base.ttftMs,
  );
  expect(timeOn('h100x4', 'llama-3.1-70b').tokenUs).toBeGreaterThan(base.tokenUs);
  expect(timeOn('a100x16', 'llama-3.1-70b').causes['software of the link']).toBeGreaterThan(5000);
  expect(() => project(workOf('llama-3.1-8b'), 'tpu')).toThrow('wse3x4');
});

// ---- what an earlier model got wrong

test('a wafer pays no launch of a GPU kernel', () => {
  const { causes } = timeOn('wse3', 'llama-3.1-8b');
  expect(causes['launches of matrices'] + causes['small kernels']).toBe(0);
  expect(causes['arithmetic and memory']).toBeGreaterThan(0);
  expect(timeOn('h100x8', 'llama-3.1-8b').causes['mesh collectives']).toBe(0);
});

test('a wafer has a size: 70B is put on four, 4 wafers are 4, a long prompt takes its time', () => {
  expect(project(workOf('llama-3.1-70b'), 'wse3x1').residency.mode).toBe('refused');
  expect(project(workOf('llama-3.1-70b'), 'wse3x4').title).toBe('4 x Cerebras WSE-3 (CS-3)');
  const { ttftMs } = timeOn('wse3', 'llama-3.1-8b', { promptTokens: 4096 });
  expect(4096 / (ttftMs / 1e3)).toBeLessThan(100_000);
});

test('a ratio holds over the ranges of both machines, and 1 lies in it where they meet', () => {
  const [wafer, h100, h200] = ['wse3', 'h100x8', 'h200x8'].map((name) =>
    timeOn(name, 'llama-3.1-70b'),
  );
  const apart = speedRatio(wafer!, h100!);
  expect(apart.low).toBeCloseTo(h100!.lowUs / wafer!.highUs, 12);
  expect(apart.low).toBeGreaterThan(1);
  expect(apart.high).toBeGreaterThan(apart.ratio);
  const near = speedRatio(h200!, h100!);
  expect(near.low).toBeLessThan(1);
  expect(near.high).toBeGreaterThan(1);
});

test('GPU decode does not lie on one side of the rows that set nothing', () => {
  const { rows } = validate();
  const errors = rows
    .filter(({ cohort, isFitted }) => cohort === 'GPU decode, tensor parallel' && !isFitted)
    .flatMap(({ error }) => error ?? []);
  expect(errors.some((error) => error > 0)).toBe(true);
  expect(errors.some((error) => error < 0)).toBe(true);
});

test('GPU prefill is compared, and its rows imply a link that is not the described one', () => {
  const { nodeGbPerS, efficiency } = impliedPrefill();
  const a100 = GPU_FACTS.find(({ name }) => name === 'A100')!;
  expect(nodeGbPerS * 1e9).toBeLessThan(a100.nvlinkBytesPerS.value / 3);
  expect(efficiency).toBeGreaterThan(0.6);
  expect(efficiency).toBeLessThan(0.8);
});

test('software belongs to GPU, kernel and number of chips; links within and across differ', () => {
  const at = (gpu: string, gpus: number, kernel = 'nccl', launch = ''): number =>
    nodeAllReduceUs({ gpu, gpus, kernel, launch }, 16_384) as number;
  expect(at('H200', 4)).toBeCloseTo((at('H200', 8) * at('H100', 4)) / at('H100', 8), 9);
  expect(at('GB200', 4)).not.toBe(at('H100', 4));
  const graph = at('H100', 8, 'vllm-custom', 'cuda_graph');
  expect(at('H100', 8, 'vllm-custom', 'eager')).toBeGreaterThan(4 * graph);
  expect(nodeAllReduceUs({ gpu: 'MI300X', gpus: 8, kernel: 'nccl', launch: '' }, 1)).toHaveProperty(
    'refused',
  );
  const send = (nodes: number): number =>
    clusterUs({ operation: 'send_recv', gpu: 'H100', gpus: 2, nodes }, 8_388_608) as number;
  expect(send(2)).toBeGreaterThan(5 * send(1));
});

// ---- speculation, streams, experts, configurations

test('speculation stands apart: nothing kept costs, all kept gives what was checked', () => {
  const drafting = { draftTokens: 4 };
  const one = project(workOf('llama-3.1-8b', drafting), 'wse3');
  expect(acceptedTokens({ ...drafting, acceptance: 1 })).toBe(5);
  expect(acceptedTokens({ ...drafting, acceptance: 0.5 })).toBeCloseTo(1.9375, 9);
  const { low, high } = speculationRange({ ...drafting, acceptance: 0.8 }, one)!;
  expect(low).toBeLessThan(high);
  expect(speculationRange({ ...drafting, acceptance: 0 }, one)!.high).toBeLessThan(1);
  // The hardware's own speed is the same with it.
  expect(one.time!.tokenUs).toBe(timeOn('wse3', 'llama-3.1-8b').tokenUs);
});

test('a stream is waited for by one token, and by fewer tokens than its break-even', () => {
  const work = { shape: findModel('llama-3.1-70b'), wafer: tryWaferFacts('wse3')! };
  const one = streamedSeconds({ ...work, tokens: 1 });
  expect(one.wholeS).toBe(one.ioS);
  expect(one.wholeS).toBeGreaterThan(0.8);
  const even = streamingBreakEven(work);
  const { workS, ioS } = streamedSeconds({ ...work, tokens: even });
  expect(workS).toBeGreaterThanOrEqual(ioS);
  const training = streamedSeconds({ ...work, tokens: even, systems: 2 }, 'training');
  expect(training.workS).toBeCloseTo((3 * workS) / 2, 9);
});

test('the busiest of groups has at least its share of the experts, and all of one group', () => {
  expect(busiestExperts(8, 2, 1)).toBe(2);
  expect(busiestExperts(8, 2, 2)).toBeCloseTo(1 + 3 / 7, 12);
  expect(busiestExperts(8, 2, 8)).toBe(1);
  expect(busiestExperts(128, 8, 8)).toBeGreaterThan(1);
});

test('a config.json has the sizes of the model by name', () => {
  const config = {
    hidden_size: 4096,
    num_hidden_layers: 94,
    num_attention_heads: 64,
    num_key_value_heads: 4,
    head_dim: 128,
    intermediate_size: 12_288,
    moe_intermediate_size: 1536,
    num_experts: 128,
    num_experts_per_tok: 8,
    vocab_size: 151_936,
    max_position_embeddings: 40_960,
    tie_word_embeddings: false,
  };
  const { name, ...named } = findModel('qwen3-235b-a22b');
  expect(shapeOfConfig(config, name)).toEqual({ name, ...named });
  expect(shapeOfConfig({ text_config: config }, name)).toEqual({ name, ...named });
  expect(() => shapeOfConfig({ hidden_size: 8 }, 'x.json')).toThrow('num_attention_heads');
});

test('wafers that hold keys and values beside the weights take nothing from a layer', () => {
  const held = { type: 'int8', contextTokens: 16_384, batch: 256 } as const;
  const time = timeOn('wse3', 'mistral-7b', held);
  expect(time.tokenUs).toBeGreaterThan(0);
  expect(sumOfCauses(time.causes)).toBeCloseTo(time.tokenUs, 6);
});

// ---- laws

type Facts = GpuFacts | WaferFacts;

/** The machine with one of its figures, or all under a path, times a factor. */
function turnedFacts(facts: Facts, knob: string, factor: number): Facts {
  const turn = (value: unknown, path: string): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if ('value' in value && typeof value.value === 'number') {
      const isTurned = path === knob || path.startsWith(`${knob}.`);
      return isTurned ? { ...value, value: value.value * factor } : value;
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, turn(one, path ? `${path}.${key}` : key)]),
    );
  };
  return turn(facts, '') as Facts;
}

/** A projection on a machine with one of its figures times a factor. */
function turned(facts: Facts, knob: string, factor: number, work: ProjectedWork): BareProjection {
  const machine = turnedFacts(facts, knob, factor);
  if ('pesAcross' in machine) return projectWafer(work, { wafer: machine });
  return projectGpu(work, { gpu: machine, gpus: 8 });
}

/** What is told in every type, and of GPUs of two nodes in a row. */
function toldInAll(facts: Facts, knob: string, factor: number): string {
  const machine = turnedFacts(facts, knob, factor);
  const types = ['bf16', 'fp8', 'fp4', 'int8'] as const;
  return JSON.stringify(
    types.map((type) => {
      const work = workOf('llama-3.1-70b', { batch: 256, promptTokens: 2048, type });
      if ('pesAcross' in machine) return projectWafer(work, { wafer: machine });
      const gpus = machine.name === 'GB200' ? 128 : 16;
      const apart = { gpu: machine, gpus, stages: 2 };
      return [projectGpu(work, { gpu: machine, gpus: 8 }), projectGpu(work, apart)];
    }),
  );
}

test.each([...GPU_FACTS, ...WAFER_FACTS])('every figure of $name moves what is told', (facts) => {
  const knobs = figuresIn(facts).map(({ path }) => path);
  expect(knobs.length).toBeGreaterThan(6);
  for (const knob of knobs) {
    const told = [0.6, 1, 1.7].map((by) => toldInAll(facts, knob, by));
    expect(new Set(told).size, knob).toBe(3);
  }
});

test('more bandwidth, more operations, a faster clock or I/O: no token is slower', () => {
  const rates = ['bandwidthBytesPerS', 'opsPerS', 'nvlinkBytesPerS', 'clockHz', 'ioBytesPerS'];
  const cases = fc.record({
    facts: fc.constantFrom<Facts>(...GPU_FACTS, ...WAFER_FACTS),
    name: fc.constantFrom('llama-3.1-8b', 'llama-3.1-70b', 'gpt-oss-120b', 'llama-4-scout'),
    knob: fc.constantFrom(...rates, 'halfLanes'),
    factor: fc.double({ min: 1.01, max: 8, noNaN: true }),
    batch: fc.constantFrom(1, 16, 256),
  });
  fc.assert(
    fc.property(cases, ({ facts, name, knob, factor, batch }) => {
      fc.pre(knob in facts);
      const work = workOf(name, { batch });
      const [before, after] = [1, factor].map((by) => turned(facts, knob, by, work).time);
      if (before) expect(after!.tokenUs).toBeLessThanOrEqual(before.tokenUs * (1 + 1e-9));
    }),
    { numRuns: 80 },
  );
});

test('this host has no data sheet, and what tells it is said', () => {
  expect(() => project(workOf('llama-3.1-8b'), 'host')).toThrow('wafer bench host MODEL');
  expect(() => project(workOf('llama-3.1-8b'), 'hos')).toThrow('one of wse2, wse3');
});

test('two projections are the same to the byte', () => {
  for (const machine of MACHINES) {
    const told = [0, 1].map(() => JSON.stringify(project(workOf('gpt-oss-120b'), machine)));
    expect(told[0]).toBe(told[1]);
  }
});

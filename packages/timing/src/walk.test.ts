import {
  auditSteps,
  B200,
  customLink,
  diceGrid,
  ETHERNET_100G,
  H100,
  hostMachine,
  NVLINK4,
  parseGrid,
  sendsPerStep,
  WSE3,
} from '@wafer/core';
import type { ModelSpec, Plan, TensorPlan } from '@wafer/core';
import { expect, test } from 'vitest';
import { ALL_TERMS } from './channel-cost.ts';
import { LLAMA_3_70B, LLAMA_3_8B, planShape } from './shapes.ts';
import { decodeStep, prefillStep } from './step.ts';
import { walkPlan } from './walk.ts';
import type { Walk, WalkOptions } from './walk.ts';

const SMALL: ModelSpec = { ...LLAMA_3_8B, layerCount: 3 };
const STEP = decodeStep({ batch: 1, contextTokens: 512 });

function planOf(grid: string, tensor: TensorPlan = 'megatron', stageCount = 1): Plan {
  return planShape(SMALL, { grid: parseGrid(grid), type: 'bf16', tensor, stageCount });
}

function walk(plan: Plan, options: Partial<WalkOptions> = {}): Walk {
  return walkPlan(plan, { machine: H100, step: STEP, elementBytes: 2, ...options });
}

/** One chip per tile. */
function cut(plan: Plan): Pick<WalkOptions, 'dice' | 'link'> {
  const { grid } = plan.options;
  return { dice: diceGrid(grid, `${grid.width}x${grid.height}`), link: NVLINK4 };
}

const plans = [
  ['2x1', 'column', 1],
  ['2x1', 'megatron', 1],
  ['4x2', 'column', 1],
  ['4x2', 'megatron', 1],
  ['5x1', 'column', 1],
  ['4x1', 'megatron', 2],
  ['3x3', 'column', 3],
] as const;

test.each(plans)(
  'on %s, %s, %i stages: a link that costs nothing leaves the uncut time',
  (...p) => {
    const plan = planOf(...p);
    const { dice } = cut(plan);
    const free = customLink({ latencyNs: 0, bandwidthBytesPerS: Infinity, overheadNs: 0 });
    for (const collective of ['messages', 'custom', 'nccl'] as const) {
      const uncut = walk(plan, { tilesPerChip: 1, collective });
      expect(walk(plan, { dice: dice!, link: free, collective }).stepNs).toBe(uncut.stepNs);
      const terms = { ...ALL_TERMS, bandwidth: false, latency: false, overhead: false };
      expect(walk(plan, { ...cut(plan), collective, terms }).stepNs).toBe(uncut.stepNs);
    }
  },
);

test.each(plans)('on %s, %s, %i stages: parts of the longest chain add up to the step', (...p) => {
  const plan = planOf(...p);
  const { stepNs, critical, tiles } = walk(plan, cut(plan));
  const sum = Object.values(critical).reduce((a, b) => a + b);
  expect(Math.abs(sum / stepNs - 1)).toBeLessThan(1e-9);
  for (const { finishNs, computeNs, transferNs, waitNs } of tiles) {
    expect(Math.abs((computeNs + transferNs + waitNs) / finishNs - 1)).toBeLessThan(1e-9);
  }
});

test.each(plans)('on %s, %s, %i stages: the walk counts the bytes of the audit', (...p) => {
  const plan = planOf(...p);
  const { dice } = cut(plan);
  const { kerfs } = walk(plan, { ...cut(plan), elementBytes: 4 });
  const sends = sendsPerStep(plan, 'infer');
  const wanted = auditSteps(plan, [{ program: 'infer', tokens: [0] }]).reduce(
    (sum, { payloadBytes }) => sum + payloadBytes,
    0,
  );
  expect(kerfs.reduce((sum, { chargedBytes }) => sum + chargedBytes, 0)).toBe(wanted);
  expect(kerfs.reduce((sum, { messages }) => sum + messages, 0)).toBe(
    sends.reduce((sum, count) => sum + count, 0),
  );
  expect(new Set(dice!.chipOf).size).toBe(plan.tiles.length);
  const half = walk(plan, cut(plan)).kerfs;
  expect(half.reduce((sum, { chargedBytes }) => sum + chargedBytes, 0)).toBe(wanted / 2);
});

test('more latency, less bandwidth, more overhead are never faster, and each tells', () => {
  for (const [grid, tensor] of [
    ['4x1', 'megatron'],
    ['2x2', 'column'],
  ] as const) {
    const plan = planOf(grid, tensor);
    const { dice } = cut(plan);
    for (const collective of ['messages', 'custom', 'nccl'] as const) {
      const stepNs = (
        latencyNs: number,
        bandwidthBytesPerS: number,
        overheadNs: number,
      ): number => {
        const link = customLink({ latencyNs, bandwidthBytesPerS, overheadNs });
        return walk(plan, { dice: dice!, link, collective }).stepNs;
      };
      for (let i = 0; i < 8; i++) {
        const base = [100 * 3 ** i, 1e9 * 2 ** i, 50 * 3 ** i] as const;
        const at = stepNs(...base);
        expect(stepNs(base[0] * 1.5, base[1], base[2])).toBeGreaterThan(at);
        expect(stepNs(base[0], base[1] / 1.5, base[2])).toBeGreaterThan(at);
        expect(stepNs(base[0], base[1], base[2] * 1.5)).toBeGreaterThan(at);
      }
    }
  }
});

test('every knob moves the time', () => {
  const plan = planOf('4x1');
  const base = walk(plan, cut(plan)).stepNs;
  const others: Partial<WalkOptions>[] = [
    { ...cut(plan), link: ETHERNET_100G },
    { ...cut(plan), machine: B200 },
    { ...cut(plan), machine: WSE3 },
    { ...cut(plan), dice: diceGrid(plan.options.grid, '2x1') },
    { ...cut(plan), collective: 'custom' },
    { ...cut(plan), collective: 'nccl' },
    { ...cut(plan), elementBytes: 4 },
    { ...cut(plan), tilesPerChip: 2 },
    { ...cut(plan), step: decodeStep({ batch: 1, contextTokens: 4096 }) },
    { ...cut(plan), step: decodeStep({ batch: 8, contextTokens: 512 }) },
    { ...cut(plan), step: prefillStep({ promptTokens: 128 }) },
    { ...cut(plan), terms: { ...ALL_TERMS, bandwidth: false } },
    { ...cut(plan), terms: { ...ALL_TERMS, latency: false } },
    { ...cut(plan), terms: { ...ALL_TERMS, overhead: false } },
    { ...cut(plan), terms: { ...ALL_TERMS, memory: false } },
  ];
  const times = others.map((options) => walk(plan, options).stepNs);
  times.push(walk(planOf('4x1', 'column'), cut(plan)).stepNs);
  times.push(walk(planOf('4x1', 'megatron', 2), cut(plan)).stepNs);
  for (const [i, ns] of times.entries()) expect(ns, `knob ${i}`).not.toBe(base);
  expect(new Set(times).size).toBe(times.length);
});

test('a walk gives the same numbers each time', () => {
  const plan = planOf('4x2', 'column');
  expect(walk(plan, cut(plan))).toEqual(walk(plan, cut(plan)));
});

test('tokens are charged to the tile that owns their embedding', () => {
  const plan = planOf('2x1', 'column');
  const far = { ...STEP, tokens: [SMALL.vocabCount - 1] };
  const bytes = ({ kerfs }: Walk): number => kerfs[1]!.chargedBytes;
  const row = SMALL.modelWidth * 2;
  expect(bytes(walk(plan, { ...cut(plan), step: far }))).toBe(bytes(walk(plan, cut(plan))) + row);
});

test('pipeline stages buy no latency for one token; tensor shares do', () => {
  const one = walk(planOf('1x1')).stepNs;
  const pipeline = planOf('2x1', 'megatron', 2);
  expect(walk(pipeline, cut(pipeline)).stepNs).toBeGreaterThan(one);
  const shared = planOf('2x1', 'megatron');
  expect(walk(shared, cut(shared)).stepNs).toBeLessThan(one);
});

test('tiles of one chip share its link, one message after the other', () => {
  const plan = planOf('4x1', 'column');
  const slow = customLink({ latencyNs: 0, bandwidthBytesPerS: 1e9, overheadNs: 0 });
  const { kerfs, critical } = walk(plan, { dice: diceGrid(plan.options.grid, '2x1'), link: slow });
  // Half of each chip's bytes leave by each of its two lanes, at half the rate.
  const layers = kerfs[0]!.chargedBytes / 1e9;
  expect(critical.bandwidth / 1e9).toBeGreaterThan(layers * 0.9);
});

test('a cut wafer without a link, and a host with two tiles, are refused', () => {
  const plan = planOf('2x1');
  expect(() => walk(plan, { dice: cut(plan).dice! })).toThrow(/PLAN_OPTION: option link is none/);
  const measured = { flopsPerS: 1e11, memoryBytes: 8e9, readBytesPerS: 2e10, opFloorNs: 500 };
  const machine = hostMachine(measured);
  expect(walk(planOf('1x1'), { machine }).stepNs).toBeGreaterThan(0);
  expect(() => walk(plan, { machine })).toThrow(/MACHINE_PARAMETER: .* lacks fabric/);
});

test('custom kernels exist inside an NVLink domain only', () => {
  const plan = planOf('2x1');
  const options = { ...cut(plan), link: ETHERNET_100G };
  expect(() => walk(plan, { ...options, collective: 'custom' })).toThrow(/MACHINE_PARAMETER/);
  expect(walk(plan, { ...options, collective: 'nccl' }).stepNs).toBeGreaterThan(0);
});

test('70B on 64 tiles is walked in seconds', () => {
  const plan = planShape(LLAMA_3_70B, {
    grid: { width: 8, height: 8 },
    type: 'bf16',
    tensor: 'megatron',
  });
  const { tokensPerS } = walk(plan, { machine: WSE3 });
  // Weights alone allow 300,000 a second; floors and hops leave hundreds.
  expect(tokensPerS).toBeGreaterThan(100);
  expect(tokensPerS).toBeLessThan(1000);
});

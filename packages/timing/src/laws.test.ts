/**
 * Laws of every described machine and link: each figure moves some walk, and in its direction.
 */
import { diceGrid, figuresIn, H100, LINKS, MACHINES, NVLINK4, parseGrid } from '@wafer/core';
import type { LinkSpec, MachineSpec, ModelSpec } from '@wafer/core';
import { expect, test } from 'vitest';
import { LLAMA_3_8B, planShape } from './shapes.ts';
import { decodeStep, prefillStep } from './step.ts';
import { walkPlan } from './walk.ts';

const SMALL: ModelSpec = { ...LLAMA_3_8B, layerCount: 2 };
const PLANS = (['bf16', 'f32'] as const).map((type) =>
  planShape(SMALL, { grid: parseGrid('4x2'), type, tensor: 'megatron' }),
);
const STEPS = [decodeStep({ batch: 1, contextTokens: 512 }), prefillStep({ promptTokens: 512 })];

interface Parts {
  readonly machine: MachineSpec;
  readonly link: LinkSpec;
}

/** Times of steps on a wafer cut in four, by messages and with each all-reduce that a link has. */
function timesOf({ machine, link }: Parts): number[] {
  const kinds = ['messages', 'nccl', ...(link.customKernels ? ['custom' as const] : [])] as const;
  return PLANS.flatMap((plan) =>
    STEPS.flatMap((step) =>
      kinds.map((collective) => {
        const dice = diceGrid(plan.options.grid, '4x1');
        return walkPlan(plan, { machine, link, step, dice, collective, elementBytes: 2 }).stepNs;
      }),
    ),
  );
}

/** The same with one figure times a factor. */
function turned<Spec extends object>(spec: Spec, knob: string, factor: number, at = ''): Spec {
  const entries = Object.entries(spec).map(([key, value]: [string, unknown]) => {
    const path = at === '' ? key : `${at}.${key}`;
    if (typeof value !== 'object' || value === null) return [key, value];
    if (path !== knob) return [key, turned(value, knob, factor, path)];
    return [key, { ...value, value: (value as { value: number }).value * factor }];
  });
  return Object.fromEntries(entries) as Spec;
}

/** What only says whether a model fits: residency has tests of its own. */
const ROOM = ['memory.bytes'];
/** More of these is quicker; of all others slower. PEs of a mesh lengthen ways and widen edges. */
const RATES = [
  'peakFlopsPerS.f32',
  'peakFlopsPerS.half',
  'memory.bandwidthBytesPerS',
  'memory.efficiency',
  'fabric.clockHz',
  'fabric.linkBytesPerCycle',
  'bandwidthBytesPerS',
  'efficiency',
];
const EITHER = ['fabric.pesAcross', 'fabric.pesDown'];
/** Kernels of serving stacks, which a link may lack: asking for them fails. */
const CUSTOM = ['allReduce.oneShotNs', 'allReduce.oneShotPerChipNs', 'allReduce.twoShotNs'];

function holdLaws(
  name: string,
  spec: object,
  timesAt: (knob: string, by: number) => number[],
): void {
  const isLacking = 'customKernels' in spec && spec.customKernels === false;
  const idle = isLacking ? [...ROOM, ...CUSTOM] : ROOM;
  const knobs = figuresIn(spec).filter(({ path }) => !idle.includes(path));
  expect(knobs.length).toBeGreaterThan(4);
  for (const { path, figure } of knobs) {
    const told = [1, 4].map((by) => timesAt(path, by));
    const [base, more] = told as [number[], number[]];
    if (figure.value === 0) continue;
    const label = `${name}: ${path}`;
    expect(more, label).not.toEqual(base);
    if (EITHER.includes(path)) continue;
    const sign = RATES.includes(path) ? -1 : 1;
    base.forEach((ns, i) =>
      expect(sign * (more[i]! - ns), label).toBeGreaterThanOrEqual(-1e-6 * ns),
    );
  }
}

test.each(MACHINES)('every figure of $name moves a walk, in its direction', (machine) => {
  holdLaws(machine.name, machine, (knob, by) =>
    timesOf({ machine: turned(machine, knob, by), link: NVLINK4 }),
  );
});

test.each(LINKS)('every figure of $name moves a walk, in its direction', (link) => {
  holdLaws(link.name, link, (knob, by) => timesOf({ machine: H100, link: turned(link, knob, by) }));
});

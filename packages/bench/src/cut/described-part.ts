/**
 * The part of the bench about machines that are not here: rows by interconnect, waterfalls,
 * scaling and sweeps, from a plan with the shape of the measured model.
 *
 * Nothing is executed for it. Whatever else can tell what an interconnect leaves of the tokens, as
 * tiles that carry a virtual clock, takes the place of `simulatedRows` and names its own clock.
 */
import { assert, findLink, layerType, WaferError } from '@wafer/core';
import {
  baselineOf,
  compareInterconnects,
  LLAMA_3_8B,
  shapeTensors,
  sweepLinks,
} from '@wafer/timing';
import type { ExchangeKind, Part, Sweep } from '@wafer/timing';
import { describedRunOf, weakFigures } from '../described/described-run.ts';
import type { DescribedFlags, DescribedRun, Shape } from '../described/described-run.ts';
import { spread } from '../described/spread.ts';
import { painlessLines, scalingRows } from '../described/scaling-rows.ts';
import type { ScaledRow } from '../described/scaling-rows.ts';
import { waterfalls } from '../described/waterfalls.ts';
import type { Fall } from '../described/waterfalls.ts';

/** One described interconnect, whatever clock it was told by. */
export interface DescribedRow {
  row: string;
  clock: 'simulated' | 'virtual';
  /** Positions before the token that takes the median time. */
  contextTokens: number;
  link: string | undefined;
  collective: ExchangeKind | undefined;
  tokensPerSecond: number;
  /** Both the same where every token takes the same time. */
  tokenMs: { p50: number; p99: number };
  shares: { compute: number; send: number; wait: number };
  kerfBytesPerToken: number;
  /** Of the same chips with free links; undefined for other machines. */
  kept: number | undefined;
  /** Over the uncut wafer of the same chips. */
  ratio: number;
  bottleneck: Part;
  /** Undefined where no tokens are computed. */
  tokensHash: string | undefined;
}

/** What tells the rows by described interconnect. */
export type DescribedSource = (run: DescribedRun) => Promise<DescribedRow[]>;

export interface NamedSweep extends Sweep {
  model: string;
  link: string;
  collective: ExchangeKind;
}

export interface DescribedPart {
  model: string;
  weights: string;
  machine: string;
  link: string;
  chips: number;
  contextTokens: number;
  elementBytes: number;
  rows: DescribedRow[];
  waterfalls: Fall[];
  scaling: { model: string; clock: 'simulated'; rows: ScaledRow[]; painless: string[] };
  sweeps: NamedSweep[];
  /** Figures that are assumed or remembered. */
  weak: string[];
}

const FLAGS: DescribedFlags = {
  as: 'h100',
  allReduce: 'both',
  plan: 'megatron',
  chips: 8,
  context: 1024,
  batch: 1,
};
/** Each row runs a wafer: a quick bench has one link with kernels of its own, and one without. */
const QUICK_LINKS = ['nvlink4', 'infiniband-ndr'].map(findLink);
const SHAPE_8B = 'llama-3-8b';
const BATCHES = [1, 2, 4, 8, 16, 32];
const PROMPT_TOKENS = 512;
const LATENCY = { low: 0, high: 100_000 };
const BANDWIDTH = { low: 1e9, high: 900e9 };

/** Rows of the simulated clock: the plan walked, no tokens computed. */
export function simulatedRows(run: DescribedRun): Promise<DescribedRow[]> {
  const rows = compareInterconnects(run);
  const uncut = baselineOf(run, rows);
  const described = rows.map((row): DescribedRow => {
    const { compute, transfer, wait } = row.shares;
    const ms = row.stepNs / 1e6;
    return {
      row: row.name,
      clock: row.clock,
      contextTokens: run.step.segments[0]!.startPosition,
      link: row.link,
      collective: row.collective,
      tokensPerSecond: row.tokensPerS,
      tokenMs: { p50: ms, p99: ms },
      shares: { compute, send: transfer, wait },
      kerfBytesPerToken: row.kerfBytesPerStep,
      kept: row.kept,
      ratio: row.tokensPerS / uncut.tokensPerS,
      bottleneck: row.bottleneck,
      tokensHash: undefined,
    };
  });
  return Promise.resolve(described);
}

/** Everything described, for a model of this shape. Throws: PLAN_GRID, MACHINE_PARAMETER. */
export async function describeAll(
  model: { name: string } & Shape,
  use: { isQuick: boolean; source: DescribedSource },
): Promise<DescribedPart> {
  const shape = servedShape(model.name, model);
  const flags = use.isQuick ? { ...FLAGS, link: QUICK_LINKS } : FLAGS;
  const all = describedRunOf(model.name, shape, flags, 'all');
  const own = describedRunOf(model.name, shape, FLAGS, 'own');
  const link = own.links[0];
  assert(link !== undefined, 'a machine has a link of its own', { machine: own.machine.name });
  const large = { spec: LLAMA_3_8B, tensors: shapeTensors(LLAMA_3_8B, 'bf16') };
  const scaled = use.isQuick ? own : describedRunOf(SHAPE_8B, large, FLAGS, 'own');
  const contextTokens = FLAGS.context;
  const batches = use.isQuick ? [1, 32] : BATCHES;
  const work = { chips: FLAGS.chips, batches, contextTokens, promptTokens: PROMPT_TOKENS };
  const rows = scalingRows(scaled, work);
  const cells = use.isQuick ? 4 : 8;
  return {
    model: model.name,
    weights: own.type,
    machine: own.machine.title,
    link: link.title,
    chips: FLAGS.chips,
    contextTokens,
    elementBytes: own.elementBytes,
    rows: await use.source(all),
    waterfalls: waterfalls(all, link),
    scaling: { model: scaled.model, clock: 'simulated', rows, painless: painlessLines(rows) },
    sweeps: (use.isQuick ? [own] : [own, scaled]).map((run) => sweepOf(run, cells)),
    weak: weakFigures(all),
  };
}

/**
 * The shape as GPUs would serve it: f32 becomes bf16, and so do blocks that eight chips cannot
 * share under the Megatron plan.
 */
function servedShape(name: string, { spec, tensors }: Shape): Shape {
  const half = { spec, tensors: shapeTensors(spec, 'bf16') };
  if (layerType(tensors) === 'f32') return half;
  try {
    describedRunOf(name, { spec, tensors }, FLAGS, 'own');
    return { spec, tensors };
  } catch (error) {
    if (error instanceof WaferError && error.code === 'PLAN_GRID') return half;
    throw error;
  }
}

function sweepOf(run: DescribedRun, cells: number): NamedSweep {
  const { plan, machine, dice, step, elementBytes } = run;
  const link = run.links[0]!;
  const collective: ExchangeKind = link.customKernels ? 'custom' : 'nccl';
  const options = { machine, dice, step, elementBytes, link, collective };
  const wires = {
    latenciesNs: spread(LATENCY, cells),
    bandwidthsBytesPerS: spread(BANDWIDTH, cells),
  };
  return { model: run.model, link: link.name, collective, ...sweepLinks(plan, options, wires) };
}

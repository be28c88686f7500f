/**
 * Rows by described interconnect on the virtual clock: the tiles of a wafer compute real tokens and
 * carry the time of the described chips and links.
 *
 * All rows run one plan, so they must give the same tokens. What a row is worth without its links,
 * and what limits it, is told by the walk of the same plan at the median token; at that token, the
 * walk must tell the time of the run.
 */
import { assert, gridName, layerType } from '@wafer/core';
import type { StepShape } from '@wafer/core';
import { syntheticModel } from '@wafer/models';
import type { Model, WaferOptions } from '@wafer/runtime';
import {
  baselineOf,
  decodeStep,
  freeClock,
  interconnectCases,
  meanShares,
  walkPlan,
} from '@wafer/timing';
import type { InterconnectCase, Walk } from '@wafer/timing';
import { hashTokens } from '../hash.ts';
import { measureVirtual } from './measure-virtual.ts';
import { untilAborted } from './until-aborted.ts';
import type { DescribedRun } from '../described/described-run.ts';
import { simulatedRows } from './described-part.ts';
import type { DescribedRow, DescribedSource } from './described-part.ts';

export interface VirtualUse {
  model: Model;
  prompt: readonly number[];
  maxTokens: number;
  signal: AbortSignal;
  /** Told of each row that begins. */
  say: (text: string) => void;
  /** What a wafer is started with besides: arithmetic, not layout. */
  options: Pick<WaferOptions, 'rounding' | 'revectorize'>;
}

/** Tells rows on the virtual clock; on the simulated one where the described weights are absent. */
export function virtualRows(use: VirtualUse): DescribedSource {
  return async (run) => {
    const model = modelOf(run, use.model);
    if (model === undefined) return simulatedRows(run);
    const rows: DescribedRow[] = [];
    for (const one of interconnectCases(run)) {
      use.say([one.name, one.collective ?? []].flat().join(' '));
      rows.push(await untilAborted(rowOf(one, run, { ...use, model }), use.signal));
      const [{ tokensHash }] = rows as [DescribedRow];
      const values = { row: one.name, tokensHash: rows.at(-1)!.tokensHash, wanted: tokensHash };
      assert(values.tokensHash === tokensHash, 'rows give the same tokens', values);
    }
    const uncut = baselineOf(run, rows);
    return rows.map((row) => ({ ...row, ratio: row.tokensPerSecond / uncut.tokensPerSecond }));
  };
}

/** The model with weights as described; synthetic weights come in every type. */
function modelOf({ type }: DescribedRun, model: Model): Model | undefined {
  const { name, spec, source, special } = model;
  if (layerType(source.tensors) === type) return model;
  if (source.kind !== 'synthetic') return undefined;
  return { ...syntheticModel({ name, spec, type, seed: source.seed }), special };
}

async function rowOf(
  one: InterconnectCase,
  run: DescribedRun,
  use: VirtualUse,
): Promise<DescribedRow> {
  const { plan } = run;
  const { dice, ...clock } = one.clock;
  const { prompt, maxTokens, model, options } = use;
  const contextTokens = prompt.length + maxTokens;
  const told = await measureVirtual(
    {
      ...options,
      model,
      grid: gridName(plan.options.grid),
      tensorPlan: plan.options.tensor,
      experts: plan.options.experts,
      dice: dice && gridName(dice.chips),
      contextTokens,
      kvTokens: contextTokens,
      virtual: clock,
    },
    { prompt, maxTokens },
  );
  const walk = medianWalk(one, run, { promptTokens: prompt.length, tokens: told.tokens });
  const { step, stepNs: walkedNs } = walk;
  const { p50, p99 } = told.tokenVirtualNs;
  const isSame = Math.abs(p50 / walkedNs - 1) < 1e-9;
  assert(isSame, 'running tiles tell the time of the walk', { row: one.name, p50, walkedNs });
  const free = one.isOwn ? walkPlan(plan, { ...freeClock(plan, one), step }) : undefined;
  const { compute, transfer } = meanShares(walk);
  return {
    row: one.name,
    clock: told.clock,
    contextTokens: step.segments[0]!.startPosition,
    link: one.link,
    collective: one.collective,
    tokensPerSecond: told.tokensPerS,
    tokenMs: { p50: p50 / 1e6, p99: p99 / 1e6 },
    shares: { compute, send: transfer, wait: 1 - compute - transfer },
    kerfBytesPerToken: walk.kerfs.reduce((sum, { chargedBytes }) => sum + chargedBytes, 0),
    kept: free && walk.tokensPerS / free.tokensPerS,
    ratio: 1,
    bottleneck: walk.bottleneck,
    tokensHash: hashTokens(told.tokens),
  };
}

/** The walk of the token that takes the median time; each attends to all before it. */
function medianWalk(
  { clock }: InterconnectCase,
  { plan }: DescribedRun,
  answer: { promptTokens: number; tokens: readonly number[] },
): Walk & { step: StepShape } {
  const { promptTokens, tokens } = answer;
  const walks = tokens.slice(0, -1).map((token, i) => {
    const shape = decodeStep({ batch: 1, contextTokens: promptTokens + i });
    const step = { ...shape, tokens: [token] };
    return { ...walkPlan(plan, { ...clock, step }), step };
  });
  const sorted = walks.toSorted((a, b) => a.stepNs - b.stepNs);
  const median = sorted[Math.ceil(sorted.length / 2) - 1];
  assert(median !== undefined, 'an answer has tokens after the first', { count: tokens.length });
  return median;
}

/**
 * Many projections: models x machines x types x contexts x batches, and which of them none beats.
 *
 * Machines carry their number of chips (`h100x2`, `h100x8`), so parallelism is one of the machines.
 * Points come in one order, so a sweep that was cut off goes on where it ended.
 */
import { findModel } from '../serving/models.ts';
import type { ProjectedType } from '../serving/projection.ts';
import { project } from './error-bars.ts';

export interface SweepAxes {
  readonly models: readonly string[];
  readonly machines: readonly string[];
  readonly types: readonly ProjectedType[];
  readonly contexts: readonly number[];
  readonly batches: readonly number[];
  /** Tokens of a prompt beside the sequences in each step; 0: none. Default: none. */
  readonly chunks?: readonly number[];
}

export interface SweepPoint {
  readonly model: string;
  readonly machine: string;
  readonly type: ProjectedType;
  readonly context: number;
  readonly batch: number;
  readonly chunk: number;
}

/** A point with what is projected; a refused one has its reason instead. */
export interface SweepRow extends SweepPoint {
  readonly chips: number;
  readonly tokensPerS?: number;
  readonly lowTokensPerS?: number;
  readonly highTokensPerS?: number;
  readonly throughputTokensPerS?: number;
  readonly joulesPerToken?: number;
  /** With a chunk: microseconds of a step, and milliseconds until the prompt's first token. */
  readonly besideStepUs?: number;
  readonly besideTtftMs?: number;
  readonly refused?: string;
}

/** All points, the last axis fastest. */
export function sweepPoints(axes: SweepAxes): SweepPoint[] {
  const { chunks = [0] } = axes;
  return axes.models.flatMap((model) =>
    axes.machines.flatMap((machine) =>
      axes.types.flatMap((type) =>
        axes.contexts.flatMap((context) =>
          axes.batches.flatMap((batch) =>
            chunks.map((chunk) => ({ model, machine, type, context, batch, chunk })),
          ),
        ),
      ),
    ),
  );
}

/** One point. Throws: PLAN_OPTION where its model or machine is unknown. */
export function projectPoint(point: SweepPoint): SweepRow {
  const { model, machine, type, context, batch, chunk } = point;
  const sizes = { type, batch, contextTokens: context, promptTokens: context };
  const work = { ...sizes, ...(chunk > 0 ? { chunkTokens: chunk } : {}) };
  const { residency, time } = project({ shape: findModel(model), ...work }, machine);
  const { chips } = residency;
  if (!time) return { ...point, chips, refused: residency.reason ?? 'does not fit' };
  return {
    ...point,
    chips,
    tokensPerS: time.tokensPerS,
    lowTokensPerS: 1e6 / time.highUs,
    highTokensPerS: 1e6 / time.lowUs,
    throughputTokensPerS: time.throughputTokensPerS,
    joulesPerToken: time.joulesPerToken,
    ...(time.beside ? { besideStepUs: time.beside.stepUs, besideTtftMs: time.beside.ttftMs } : {}),
  };
}

/**
 * Of rows that ask the same of a model (its name and context), those that no other beats in both
 * the speed of one user and the tokens of all for each kilowatt; fastest for one user first.
 */
export function paretoFront(rows: readonly SweepRow[]): SweepRow[] {
  const questions = Map.groupBy(rows, ({ model, context }) => JSON.stringify([model, context]));
  return [...questions.values()].flatMap((own) => {
    const sorted = own
      .filter(({ tokensPerS }) => tokensPerS !== undefined)
      .toSorted((a, b) => b.tokensPerS! - a.tokensPerS! || a.joulesPerToken! - b.joulesPerToken!);
    let least = Number.POSITIVE_INFINITY;
    return sorted.filter(({ joulesPerToken }) => {
      const isKept = joulesPerToken! < least;
      least = Math.min(least, joulesPerToken!);
      return isKept;
    });
  });
}

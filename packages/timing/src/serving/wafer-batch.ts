/**
 * Sequences of a batch on wafers: one or more in each region, the others wait for their turn.
 *
 *   tokens of all   sequences / time of a token, but no more than the slowest region passes
 *   one user        batch / tokens of all: what he waits for is time of his token, too
 *
 * Sequences together share software and hops of a region: more of them give more tokens in all and
 * a slower one each. As many are put together as give the most.
 */
import { layoutOf, slowestRegionNs, waferStep, waferStepNs } from './wafer-region.ts';
import type { WaferRun, WaferStep } from './wafer-region.ts';

export interface WaferBatch {
  /** Of one pass of a token, without waiting. */
  readonly step: WaferStep;
  readonly regions: number;
  /** Sequences that a region works on at once. */
  readonly together: number;
  /** Sequences on their way at a time; the others wait for the first region. */
  readonly inFlight: number;
  readonly tokensPerS: number;
  /** Nanoseconds that a user's token waits for its turn. */
  readonly waitingNs: number;
}

/** A batch as it gives the most tokens. */
export function waferBatch(run: WaferRun): WaferBatch {
  const laid = { ...run, layout: layoutOf(run) };
  let best = batchWith({ ...laid, together: 1 });
  // More together pass the slowest region sooner and take longer each: best where both meet, which
  // is never below where one of them alone would fill the regions.
  let together = Math.max(2, Math.floor(run.batch / best.inFlight));
  while (best.waitingNs > 0 && together <= run.batch) {
    const next = batchWith({ ...laid, together });
    if (next.tokensPerS <= best.tokensPerS) break;
    best = next;
    together += 1;
  }
  return best;
}

function batchWith(run: WaferRun & { together: number }): WaferBatch {
  const { together, batch } = run;
  const step = waferStep(run);
  const stepNs = waferStepNs(step);
  const paced = (together * 1e9) / slowestRegionNs(run, step);
  const tokensPerS = Math.min((batch * 1e9) / stepNs, paced);
  return {
    step,
    regions: run.shape.layers + 1,
    together,
    inFlight: Math.min(batch, Math.ceil((tokensPerS * stepNs) / 1e9 - 1e-9)),
    tokensPerS,
    waitingNs: Math.max(0, (batch * 1e9) / tokensPerS - stepNs),
  };
}

/** Nanoseconds of one user's token, waiting included. */
export function waferTokenNs(run: WaferRun): number {
  return (run.batch * 1e9) / waferBatch(run).tokensPerS;
}

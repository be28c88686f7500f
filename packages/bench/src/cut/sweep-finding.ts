/**
 * A sweep of wires in one sentence.
 */
import { formatDuration, maxOf, minOf } from '@wafer/core';
import { PAINLESS_KEPT } from '../described/scaling-rows.ts';
import type { NamedSweep } from './described-part.ts';

/** Up to which latency, and from which bandwidth on, the wire takes little. */
export function sweepFinding(sweep: NamedSweep): string {
  const { cells, model, link, collective } = sweep;
  const best = maxOf(cells.map(({ kept }) => kept));
  const worst = minOf(cells.map(({ kept }) => kept));
  const name = `${model}, ${collective} all-reduce, software of ${link}`;
  const good = cells.filter(({ kept }) => kept >= best * PAINLESS_KEPT);
  const latency = maxOf(good.map(({ latencyNs }) => latencyNs));
  const rate = minOf(good.map(({ bandwidthBytesPerS }) => bandwidthBytesPerS));
  return (
    `${name}: the wire alone moves it from ${percent(worst)} to ${percent(best)}; within a tenth ` +
    `of the best up to ${formatDuration(latency)}, and from ${(rate / 1e9).toPrecision(2)} GB/s on.`
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)}%`;
}

/**
 * What tiles did on their virtual clock, as events beside those of the wall clock.
 *
 * A virtual clock begins at 0 in every step, so steps are laid one after the other: each as long as
 * its latest tile was, the first from the first record of the trace on.
 */
import { assert, minOf } from '@wafer/core';
import type { Traced } from './arrows.ts';

/** The records that have a virtual time, with events of it; none where no such clock ran. */
export function virtualTraced(
  traced: readonly Traced[],
  counts: { tileCount: number; chipCount: number },
): Traced[] {
  const stepNs = new Map<number, number>();
  for (const { record } of traced) {
    if (Number.isNaN(record.endVirtualNs)) continue;
    stepNs.set(record.step, Math.max(stepNs.get(record.step) ?? 0, record.endVirtualNs));
  }
  if (stepNs.size === 0) return [];
  const originUs = minOf(traced.map(({ event }) => event.ts ?? 0));
  const startNs = new Map<number, number>();
  let nowNs = 0;
  for (const [step, ns] of [...stepNs].toSorted(([a], [b]) => a - b)) {
    startNs.set(step, nowNs);
    nowNs += ns;
  }
  return traced.flatMap(({ record, event }): Traced[] => {
    // Messages follow their receive, which has the time.
    if (event.cat === 'message') return [{ record, event }];
    if (Number.isNaN(record.endVirtualNs)) return [];
    const { startVirtualNs, endVirtualNs } = record;
    assert(endVirtualNs >= startVirtualNs, 'a clock goes forward', {
      startVirtualNs,
      endVirtualNs,
    });
    const beginNs = startNs.get(record.step)! + record.startVirtualNs;
    const place = { pid: event.pid + counts.chipCount, tid: event.tid + counts.tileCount };
    const dur = (record.endVirtualNs - record.startVirtualNs) / 1000;
    const ts = originUs + beginNs / 1000;
    return [{ record, event: { ...event, ...place, ts, dur } }];
  });
}

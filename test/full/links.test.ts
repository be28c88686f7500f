/**
 * 60,000 faults of each kind on links in virtual time, or WAFER_FAULTS of them,
 * and faults on real sockets.
 */
import { stressLinks, stressSocketLinks } from '@wafer/bench';
import { FAULTS, everyFault } from '@wafer/fabric/links';
import { expect, test } from 'vitest';

const FAULTS_MIN = Number(process.env['WAFER_FAULTS'] ?? 60_000);

test(`${FAULTS_MIN} of each fault: every message arrives once and in order, or ends coded`, () => {
  const result = stressLinks({
    seed: 20_261_123,
    messages: 100_000,
    faults: everyFault(0.06),
    faultsMin: FAULTS_MIN,
  });
  console.log(JSON.stringify(result));
  for (const fault of FAULTS) expect(result.faults[fault]).toBeGreaterThanOrEqual(FAULTS_MIN);
  expect(Object.keys(result.ends).toSorted()).toEqual(['LINK_BROKEN', 'closed']);
  expect(result.ends.closed).toBeGreaterThan(FAULTS_MIN / 1000);
  expect(result.stats.damages).toBeGreaterThan(FAULTS_MIN / 2);
});

test.each(['unix', 'tcp'] as const)(
  'faults on %s sockets are recovered, or coded',
  async (kind) => {
    const result = await stressSocketLinks({
      kind,
      seed: 5,
      links: 20,
      messages: 300,
      faults: everyFault(0.01),
      clock: {
        nowMs: () => performance.now(),
        after: (delayMs, call) => {
          const timer = setTimeout(call, delayMs);
          return () => clearTimeout(timer);
        },
      },
    });
    console.log(JSON.stringify(result));
    for (const fault of FAULTS) expect(result.faults[fault]).toBeGreaterThan(20);
    expect(result.ends.closed).toBeGreaterThan(5);
    const codes = Object.keys(result.ends).filter(
      (end) => end !== 'closed' && end !== 'LINK_BROKEN',
    );
    expect(codes).toEqual([]);
  },
);

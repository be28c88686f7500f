import { everyFault, FAULTS } from '@wafer/fabric/links';
import { expect, test } from 'vitest';
import { stressLinks } from './links.ts';

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

test.each(seeds(6))('traffic over faults arrives once and in order, or ends (seed %i)', (seed) => {
  const result = stressLinks({ seed, messages: 3000 });
  for (const fault of FAULTS) expect(result.faults[fault]).toBeGreaterThan(100);
  expect(result.ends.closed).toBeGreaterThan(0);
  const codes = Object.keys(result.ends);
  expect(codes.filter((code) => code !== 'closed' && code !== 'LINK_BROKEN')).toEqual([]);
  expect(result.stats.damages).toBeGreaterThan(0);
  expect(result.stats.timeouts).toBeGreaterThan(0);
});

test.each(FAULTS)('links survive some %s, and notice it', (fault) => {
  const faults = { ...everyFault(0), [fault]: 0.03 };
  const { ends, links, stats, faults: injected } = stressLinks({ seed: 7, messages: 2000, faults });
  expect(injected[fault]).toBeGreaterThan(30);
  expect(ends.closed).toBe(links);
  expect(stats.messagesReceived).toBe(stats.messagesSent);
  const { gaps, duplicates, damages, timeouts } = stats;
  expect(gaps + duplicates + damages + timeouts).toBeGreaterThan(20);
});

test('without faults nothing is sent twice', () => {
  const result = stressLinks({ seed: 8, messages: 2000, faults: everyFault(0) });
  expect(result.ends).toEqual({ closed: result.links });
  const { framesResent, recoveries, duplicates, gaps, damages } = result.stats;
  expect({ framesResent, recoveries, duplicates, gaps, damages }).toEqual({
    framesResent: 0,
    recoveries: 0,
    duplicates: 0,
    gaps: 0,
    damages: 0,
  });
});

test('one seed replays the run, another one does not', () => {
  const run = (seed: number): unknown => stressLinks({ seed, messages: 500 });
  expect(run(9)).toEqual(run(9));
  expect(run(9)).not.toEqual(run(10));
});

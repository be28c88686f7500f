import { expect, test } from 'vitest';
import { hostErrors } from './host-lines.ts';

test('errors are told of works that have rows', () => {
  expect(hostErrors([])).toEqual([]);
  const parts = { opsNs: 1, callsNs: 0, messagesNs: 0, turnNs: 0 };
  const spread = { median: 1, min: 1, max: 1, count: 1, relative: 0 };
  const row = { model: 'a', tiles: 1, link: 'none', work: 'decode', toldMs: 1, parts } as const;
  const judged = { ...row, measuredMs: spread, ratioByRound: spread };
  const errors = hostErrors([0.5, 1, 1.25].map((ratio) => ({ ...judged, ratio })));
  expect(errors).toEqual([{ work: 'decode', rows: 3, median: 0.25, largest: 0.5 }]);
});

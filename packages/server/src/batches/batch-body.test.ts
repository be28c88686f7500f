import { expect, test } from 'vitest';
import { isOpen, LINES_MAX, parseLines, payerOf } from './batch-body.ts';
import type { BatchBody, BatchStatus } from './batch-body.ts';

const URL = '/v1/completions';
const line = (change: object = {}): string =>
  JSON.stringify({ custom_id: 'a', method: 'POST', url: URL, body: { model: 'm' }, ...change });
const faultsOf = async (...rows: string[]): Promise<[line: number | null, code: string][]> =>
  (await parseLines(rows.join('\n'), URL)).faults.map(({ line: at, code }) => [at, code]);

test('lines of space are none, and the others keep their order', async () => {
  const { lines, faults } = await parseLines(
    `\n${line()}\r\n  \n${line({ custom_id: 'b' })}\n\n`,
    URL,
  );
  expect(faults).toEqual([]);
  expect(lines.map(({ custom_id: id }) => id)).toEqual(['a', 'b']);
});

test.each([
  ['a list for a body', { body: [] }],
  ['no body', { body: null }],
  ['a number for an id', { custom_id: 1 }],
  ['an id without end', { custom_id: 'i'.repeat(513) }],
  ['no method', { method: undefined }],
])('a line with %s is refused', async (_, change) => {
  expect(await faultsOf(line({ custom_id: 'z' }), line(change))).toEqual([
    [2, 'invalid_json_line'],
  ]);
});

test('an input has lines, and not too many, of which the first faults are told', async () => {
  expect(await faultsOf(' ')).toEqual([[null, 'empty_file']]);
  expect(await faultsOf('null', '[]')).toEqual([
    [1, 'invalid_json_line'],
    [2, 'invalid_json_line'],
  ]);
  const rows = Array.from({ length: LINES_MAX }, () => '{');
  expect(await faultsOf(...rows)).toHaveLength(100);
  expect(await faultsOf(...rows, '{')).toEqual([[null, 'too_many_requests']]);
});

test('a long input leaves others their turns, whatever its lines are', async () => {
  let turns = 0;
  const clock = setInterval(() => turns++, 0);
  const text = line({ body: { prompt: 'x'.repeat(1000) } });
  const rows = Array.from({ length: 4000 }, (_, i) => text.replace('"a"', `"${i}"`));
  expect((await parseLines(rows.join('\n'), URL)).lines).toHaveLength(4000);
  expect(turns).toBeGreaterThan(1);
  turns = 0;
  expect(await faultsOf('\n'.repeat(2 ** 22))).toEqual([[null, 'empty_file']]);
  expect(turns).toBeGreaterThan(1);
  clearInterval(clock);
});

test('a batch keeps the limits of its key; those of its project are asked anew', () => {
  const limits = { requests_per_day: 1 };
  const subjects = (['key', 'project', 'organization'] as const).map((kind) => {
    return { kind, id: kind, limits };
  });
  const caller = { tenant: 't', role: 'user', weight: 2, keyId: 'k', subjects } as const;
  expect(payerOf(caller)).toEqual({ keyId: 'k', weight: 2, subjects: [subjects[0]] });
});

test('a batch is open until it has ended, also while it is being canceled', () => {
  const open: BatchStatus[] = ['validating', 'in_progress', 'finalizing', 'cancelling'];
  const over: BatchStatus[] = ['failed', 'completed', 'expired'];
  const states = [...open, ...over].map((status) => isOpen({ status } as BatchBody));
  expect(states).toEqual([true, true, true, true, false, false, false]);
});

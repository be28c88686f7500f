import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadRow, SERVE_LIMITS_DEFAULT } from './load-row.ts';
import { promptOfRequest, IDS } from './prompts.ts';
import { closedLoop, openLoop } from './run-load.ts';
import { goodputKept } from './serve-report.ts';
import type { MeasuredServer } from './target.ts';
import { tracePath } from './own-traces.ts';
import { parseTrace } from './trace-file.ts';
import { atRate, poissonRequests, repeated, scaleTrace } from './workload.ts';

const AZURE = [
  'TIMESTAMP,ContextTokens,GeneratedTokens',
  '2023-11-16 18:17:03.9799600,4808,10',
  '2023-11-16 18:17:05.0319600,3180,8',
].join('\r\n');
const MOONCAKE = [
  '{"timestamp":1000,"input_length":1024,"output_length":5,"hash_ids":[0,1]}',
  '{"timestamp":1500,"input_length":1024,"output_length":5,"hash_ids":[0,2]}',
  '',
].join('\n');

test('traces of both kinds are read, their times from the first request on', () => {
  const azure = parseTrace(AZURE, 'a.csv');
  expect(azure.map(({ atMs }) => Math.round(atMs))).toEqual([0, 1052]);
  expect(azure[0]).toMatchObject({ promptTokens: 4808, outputTokens: 10 });
  expect(parseTrace(MOONCAKE, 'm.jsonl').map(({ atMs, blocks }) => [atMs, blocks])).toEqual([
    [0, [0, 1]],
    [500, [0, 2]],
  ]);
});

test.each([
  ['azure-chat', 400, 4176],
  ['azure-code', 400, 7448],
  ['mooncake', 300, 121_213],
])('%s comes along: %i requests, the longest of %i tokens', (name, count, longest) => {
  const rows = parseTrace(readFileSync(tracePath(name), 'utf8'), name);
  expect(rows).toHaveLength(count);
  expect(Math.max(...rows.map((row) => row.promptTokens + row.outputTokens))).toBe(longest);
  expect(rows.at(-1)!.atMs).toBeGreaterThan(10_000);
});

test.each([
  ['another head', 'a,b,c\n1,2,3', 1],
  ['a length that is none', `${AZURE}\n2023-11-16 18:17:05.03,-1,8`, 4],
  ['JSON that is none', `${MOONCAKE}{"timestamp":`, 3],
  ['nothing', '', 1],
])('%s is refused with its line', (_, text, line) => {
  expect(() => parseTrace(text, 'x')).toThrow(
    expect.objectContaining({ code: 'TRACE_INVALID', details: expect.objectContaining({ line }) }),
  );
});

test('a trace is scaled to fit, keeps the shape of its arrivals and its shared prefixes', () => {
  const [first, second] = scaleTrace(parseTrace(MOONCAKE, 'm'), { count: 9, longestTokens: 130 });
  expect([first!.promptTokens, first!.outputTokens, first!.blockTokens]).toEqual([127, 1, 64]);
  const [left, right] = [first!, second!].map((request, number) =>
    promptOfRequest(request, { number, form: IDS }),
  ) as [number[], number[]];
  expect([left.length, right.length]).toEqual([127, 127]);
  expect(left.slice(0, 64)).toEqual(right.slice(0, 64));
  expect(left.slice(64)).not.toEqual(right.slice(64));
  expect(promptOfRequest(first!, { number: 9, form: IDS })).toEqual(left);
});

test('requests by chance come at a mean rate, apart as an exponential law has it', () => {
  const options = { count: 2000, promptTokens: 20, outputTokens: 10, seed: 1 };
  const requests = poissonRequests(options);
  const gaps = requests.map(({ atMs }, i) => atMs - (requests[i - 1]?.atMs ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  expect(Math.abs(mean / 1000 - 1)).toBeLessThan(0.1);
  expect(Math.abs(Math.sqrt(variance) / mean - 1)).toBeLessThan(0.1);
  expect(poissonRequests({ ...options, seed: 2 })[0]).not.toEqual(requests[0]);
  expect(atRate(requests, 50).at(-1)!.atMs).toBeCloseTo((1999 / 50) * 1000, 3);
});

// ---- against a server that answers one request at a time, and refuses a fifth that waits

let target: MeasuredServer;
const SERVICE_MS = 20;
const server = createServer();
let open = 0;
/** Requests that it has not ended, and whose client is there. */
let underWay = 0;
let refusedCount = 0;
let chain: Promise<void> = Promise.resolve();

beforeAll(async () => {
  server.on('request', (request, response) => {
    request.resume();
    if (request.url === '/health') return void response.end('{}');
    underWay++;
    response.on('close', () => underWay--);
    if (open >= 4) {
      refusedCount++;
      return void response.writeHead(429).end();
    }
    open++;
    chain = chain.then(async () => {
      await new Promise((resolve) => setTimeout(resolve, SERVICE_MS));
      const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;
      const usage = { prompt_tokens: 3, completion_tokens: 2 };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event({ choices: [{ text: 'a' }] }));
      response.write(event({ choices: [{ text: 'b' }] }) + event({ choices: [], usage }));
      response.end('data: [DONE]\n\n');
      open--;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    ...{ model: 'm', key: undefined, form: IDS, isChat: false, headers: {} },
    lengthFields: (tokens) => ({ max_tokens: tokens }),
  };
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('an open loop waits for no answer: the queue shows, refusals are counted', async () => {
  const { signal } = new AbortController();
  const requests = atRate(
    poissonRequests({ count: 12, promptTokens: 3, outputTokens: 2, seed: 1 }),
    2000,
  );
  const limits = { ttftMs: 10 * SERVICE_MS, tokenMs: 1000 };
  const use = { signal, firstNumber: 0 };
  const row = loadRow(await openLoop(target, requests, use), { name: 'open', limits });
  expect(row.failedCount).toBe(0);
  expect(row.sentCount).toBe(12);
  expect(row.refusedCount).toBeGreaterThan(0);
  expect(row.answeredCount + row.refusedCount).toBe(12);
  expect(row.outputTokens).toBe(2 * row.answeredCount);
  // The fourth in the queue waited for the three before it.
  expect(row.ttftMs!.p99).toBeGreaterThan(3 * SERVICE_MS);
  expect(row.healthMs).toBeDefined();
  const closed = await closedLoop(target, requests, { ...use, workers: 1 });
  expect(loadRow(closed, { name: 'closed', limits }).answeredCount).toBe(12);
  expect(closed.wallMs).toBeGreaterThan(12 * SERVICE_MS * 0.9);
});

test('goodput counts what was answered within both limits, as a share of the best', () => {
  const record = (ttftMs: number, gapMs: number): object => ({
    ...{ outcome: 'answered', ttftMs, endToEndMs: ttftMs, gapsMs: [gapMs], outputTokens: 2 },
    ...{ promptTokens: 1, cachedTokens: 0, intendedMs: 0, sentMs: 0 },
  });
  const records = [record(100, 10), record(3000, 10), record(100, 300)] as never;
  const run = { records, wallMs: 1000, healthMs: [] };
  const row = loadRow(run, { name: 'x', limits: SERVE_LIMITS_DEFAULT });
  expect([row.answeredCount, row.withinLimitsCount, row.goodputPerSecond]).toEqual([3, 1, 1]);
  const over = { ...row, name: '3 × capacity', requestsPerSecond: 9, goodputPerSecond: 0.9 };
  expect(goodputKept([row, over])).toEqual([{ load: '3 × capacity', share: 0.9 }]);
});

test('requests are sent over and over for so long; no block is shared with others', async () => {
  const { signal } = new AbortController();
  const requests = atRate(
    poissonRequests({ count: 4, promptTokens: 3, outputTokens: 2, seed: 1 }),
    40,
  );
  const repeats = { seconds: 0.25, requestsPerSecond: 40 };
  const rounds = repeated(requests, repeats);
  expect(rounds.map(({ atMs }) => atMs)).toEqual(rounds.map(({ atMs }) => atMs).toSorted(byValue));
  expect(rounds).toHaveLength(10);
  expect(rounds[4]!.atMs).toBeCloseTo(100 + requests[0]!.atMs, 6);
  const use = { signal, firstNumber: 0, repeats };
  const open = await openLoop(target, requests, use);
  expect(open.records.map(({ number }) => number)).toEqual(rounds.map((_, i) => i));
  const faster = { ...use, repeats: { ...repeats, requestsPerSecond: 1000 } };
  const closed = await closedLoop(target, requests, { ...faster, workers: 1 });
  expect(closed.wallMs).toBeGreaterThan(240);
  expect(closed.records.length).toBeGreaterThan(1);
  const shared = { ...requests[0]!, promptTokens: 6, blocks: [1], blockTokens: 4 };
  const [first, again, other] = [0, 0, 4].map((round, number) =>
    promptOfRequest(shared, { number, round, form: IDS }).slice(0, 4),
  );
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

function byValue(a: number, b: number): number {
  return a - b;
}

test.each([1, 3])('%i requests that all come at once come again at their rate', (count) => {
  const one = { promptTokens: 1, outputTokens: 1, blocks: [], blockTokens: 0 };
  const requests = atRate(
    Array.from({ length: count }, () => ({ ...one, atMs: 0 })),
    10,
  );
  const rounds = repeated(requests, { seconds: 3, requestsPerSecond: 10 });
  expect(rounds).toHaveLength(30);
  expect(rounds.at(-1)!.atMs).toBeCloseTo(3000 - 100 * count, 6);
});

test('a closed loop pauses after a refusal', async () => {
  const { signal } = new AbortController();
  const requests = poissonRequests({ count: 1, promptTokens: 3, outputTokens: 2, seed: 1 });
  const repeats = { seconds: 0.25, requestsPerSecond: 10_000 };
  refusedCount = 0;
  await closedLoop(target, requests, { signal, firstNumber: 0, workers: 8, repeats });
  // Four are let in, and four ask again no more often than each 100 ms.
  expect(refusedCount).toBeGreaterThan(0);
  expect(refusedCount).toBeLessThanOrEqual(8 * 3);
});

test('a closed loop gives a server up that is not there', async () => {
  const { signal } = new AbortController();
  const requests = poissonRequests({ count: 1, promptTokens: 3, outputTokens: 2, seed: 1 });
  const repeats = { seconds: 600, requestsPerSecond: 10 };
  const nobody = { ...target, baseUrl: 'http://127.0.0.1:1/v1' };
  const use = { signal, firstNumber: 0, workers: 30, repeats };
  await expect(closedLoop(nobody, requests, use)).rejects.toThrow(
    expect.objectContaining({
      code: 'SERVER_UNUSABLE',
      message: expect.stringContaining('50 requests in a row failed'),
    }),
  );
});

test('an open loop that is aborted ends with its reason, and nothing is under way', async () => {
  const own = new AbortController();
  const requests = atRate(
    poissonRequests({ count: 40, promptTokens: 3, outputTokens: 2, seed: 1 }),
    40,
  );
  const run = openLoop(target, requests, { signal: own.signal, firstNumber: 0 });
  setTimeout(() => own.abort(new Error('enough')), 60);
  await expect(run).rejects.toThrow('enough');
  await vi.waitFor(() => expect(underWay).toBe(0));
});

/** The thread that makes grammars: what is made once, what is kept, what it leaves behind. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { syntheticTokenizer } from '../tokenizer/synthetic-tokenizer.ts';
import { collectTokenBytes } from '../tokenizer/token-bytes.ts';
import { createTokenizer } from '../tokenizer/tokenizer.ts';
import { GrammarThread } from './grammar-thread.ts';
import type { GrammarThreadLimits } from './grammar-thread.ts';

const ENTRY = new URL('./grammar-worker.ts', import.meta.url);
const tokenBytes = collectTokenBytes(createTokenizer(syntheticTokenizer(300)), 300);
const regex = (text: string): { kind: 'regex'; text: string } => ({ kind: 'regex', text });

function threadWith(limits: Partial<GrammarThreadLimits> = {}): GrammarThread {
  const thread = new GrammarThread(ENTRY, () => tokenBytes, limits);
  onTestFinished(() => thread.close());
  return thread;
}

/** Of the thread that is started next. */
async function nextWorker(): Promise<Worker> {
  const [worker] = (await once(process, 'worker')) as [Worker];
  return worker;
}

const TIME_MS_MAX = 600_011;
const thread = new GrammarThread(ENTRY, () => tokenBytes, { timeMaxMs: TIME_MS_MAX });
let worker: Worker;
beforeAll(async () => {
  const started = nextWorker();
  await thread.make(regex('a+'));
  worker = await started;
});
afterAll(() => thread.close());

test('equal formats are made once, also those that come together, and refusals', async () => {
  const [one, other] = await Promise.all([thread.make(regex('a+')), thread.make(regex('a+'))]);
  const later = await thread.make(regex('a+'));
  expect(other.program).toBe(one.program);
  expect(later.program).toBe(one.program);
  expect(later.trie).toBe(one.trie);
  const refused = async (): Promise<unknown> =>
    thread.make(regex('(')).catch((error: unknown) => error);
  const first = await refused();
  expect(first).toMatchObject({ code: expect.stringMatching(/^GRAMMAR_/) });
  expect(await refused()).toBe(first);
});

test('of what was made the last used is kept, as much as there is room for', async () => {
  const before = thread.keptBytes;
  await thread.make(regex('z+'));
  const bytes = thread.keptBytes - before;
  const small = threadWith({ keptBytesMax: 2 * bytes });
  const make = async (text: string): Promise<unknown> => (await small.make(regex(text))).program;
  const [a, b] = [await make('a+'), await make('b+')];
  expect(await make('a+')).toBe(a); // so that b is the older one
  await make('c+');
  expect(small.keptBytes).toBe(2 * bytes);
  expect(await make('a+')).toBe(a);
  expect(await make('b+')).not.toBe(b);
  expect(small.keptBytes).toBe(2 * bytes);
});

test('between two formats nothing is left: no listener, no timer, no hold', async () => {
  const set = vi.spyOn(globalThis, 'setTimeout');
  const cleared = vi.spyOn(globalThis, 'clearTimeout');
  const held = vi.spyOn(worker, 'ref');
  const released = vi.spyOn(worker, 'unref');
  onTestFinished(() => void vi.restoreAllMocks());
  for (const text of ['b+', 'c+', '[', 'd+']) await thread.make(regex(text)).catch(() => undefined);
  const listeners = ['message', 'error', 'exit'].map((name) => worker.listenerCount(name));
  expect(listeners).toEqual([0, 0, 0]);
  const timers = set.mock.results.flatMap(({ value }, i) =>
    set.mock.calls[i]![1] === TIME_MS_MAX ? [value as unknown] : [],
  );
  expect(timers.length).toBe(4);
  expect(cleared.mock.calls.map(([timer]) => timer)).toEqual(expect.arrayContaining(timers));
  expect(released.mock.invocationCallOrder.at(-1)).toBeGreaterThan(
    held.mock.invocationCallOrder.at(-1)!,
  );
});

test('a thread that passes its time is ended, and the next format has another', async () => {
  const hasty = threadWith({ timeMaxMs: 1 });
  const started = nextWorker();
  const slow = hasty.make({ kind: 'json', text: JSON.stringify(schemaOf(5000)) });
  await expect(slow).rejects.toMatchObject({
    code: 'GRAMMAR_LIMIT',
    details: { allowed: '1 ms' },
  });
  expect((await started).threadId).toBe(-1);
});

/** An object of so many fields, each a choice of its own. */
function schemaOf(count: number): object {
  const properties = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`field${i}`, { enum: [`a${i}`, `b${i}`, i] }]),
  );
  return { type: 'object', properties, required: Object.keys(properties) };
}

test('a thread that dies is no fault of a format, which is made anew', async () => {
  const own = threadWith();
  const dying = nextWorker().then((worker) => worker.terminate());
  await expect(own.make(regex('a+'))).rejects.toMatchObject({ code: 'HOST_REFUSED' });
  await dying;
  const started = nextWorker();
  const { program } = await own.make(regex('a+'));
  const { keptBytes } = own;
  const slow = { kind: 'json', text: JSON.stringify(schemaOf(5000)) } as const;
  const made = expect(own.make(slow)).rejects.toMatchObject({ code: 'HOST_REFUSED' });
  await (await started).terminate();
  await made;
  expect(own.keptBytes).toBe(keptBytes);
  expect((await own.make(regex('a+'))).program).toBe(program);
});

test('one that is closed while it works says so', async () => {
  const own = threadWith();
  const made = expect(own.make(regex('a+'))).rejects.toMatchObject({ code: 'WAFER_CLOSED' });
  await own.close();
  await made;
  await expect(own.make(regex('a+'))).rejects.toMatchObject({ code: 'WAFER_CLOSED' });
});

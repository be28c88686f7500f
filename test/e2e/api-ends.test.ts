/**
 * How requests end that nobody waits for any more: the engine stops at once and keeps nothing.
 *
 * The answers would take seconds; what has to end early does so after a few of their tokens.
 */
import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Wafer } from '@wafer/runtime';
import type { Piece, RequestOptions } from '@wafer/runtime';

const LONG = 1900;
let wafer: Wafer;

beforeAll(async () => {
  wafer = await Wafer.start({ model: 'synthetic:15m', grid: '2x1' });
});
afterAll(async () => await wafer.close());

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

async function collect(options: RequestOptions): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const piece of wafer.generate([1, 2, 3], options)) pieces.push(piece);
  return pieces;
}

/** Tokens that the engine generated and computed until nothing ran any more. */
async function spent(run: () => Promise<void>): Promise<{ generated: number; computed: number }> {
  const before = await wafer.metrics();
  await run();
  let after = await wafer.metrics();
  while (after.scheduler.runningCount + after.scheduler.waitingCount > 0) {
    after = await wafer.metrics();
  }
  return {
    generated: after.generatedTokens - before.generatedTokens,
    computed: after.computedTokens - before.computedTokens,
  };
}

test('leaving the loop early ends the request in the engine, which counts it', async () => {
  const before = (await wafer.metrics()).requests;
  const { generated } = await spent(async () => {
    for await (const _ of wafer.generate([1, 2, 3], { maxTokens: LONG })) break;
  });
  expect(generated).toBeLessThan(LONG / 2);
  const { aborted, finished } = (await wafer.metrics()).requests;
  expect([aborted - before.aborted, finished - before.finished]).toEqual([1, 0]);
});

test('leaving a loop over logits early ends the request in the engine', async () => {
  const prompt = Int32Array.from({ length: LONG }, (_, i) => i % 100);
  const { computed } = await spent(async () => {
    for await (const _ of wafer.logits(prompt)) break;
  });
  expect(computed).toBeLessThan(LONG);
});

test('an exception in the body of the loop ends the request in the engine', async () => {
  const { generated } = await spent(async () => {
    const run = async (): Promise<void> => {
      for await (const _ of wafer.generate([1, 2, 3], { maxTokens: LONG })) throw new Error('mine');
    };
    await expect(run()).rejects.toThrow('mine');
  });
  expect(generated).toBeLessThan(LONG / 2);
});

test('an aborted request ends in the engine, be it running or waiting', async () => {
  const controller = new AbortController();
  const { generated } = await spent(async () => {
    const options = { maxTokens: LONG, signal: controller.signal };
    const runs = Array.from({ length: 80 }, () => collect(options));
    const [first] = await Promise.all([
      wafer.generate([1, 2, 3], { maxTokens: 3 }).next(),
      ...runs.map((run) => expect(run).rejects.toThrow('aborted')),
      Promise.resolve().then(() => controller.abort(new Error('aborted'))),
    ]);
    expect(first?.done).toBe(false);
  });
  expect(generated).toBeLessThan(LONG);
  expect(listeners(controller.signal)).toBe(0);
  // The engine says so itself, and ends, where it keeps what is not under way.
  expect(await collect({ maxTokens: 2 })).toHaveLength(2);
  expect(wafer.plan.options.sequencesMax).toBeLessThan(80);
});

test('a signal that many requests share keeps no listener of those that are over', async () => {
  const { signal } = new AbortController();
  await collect({ maxTokens: 2, signal });
  expect(listeners(signal)).toBe(0);
  for await (const _ of wafer.generate([1, 2, 3], { maxTokens: LONG, signal })) {
    expect(listeners(signal)).toBe(1);
    break;
  }
  expect(listeners(signal)).toBe(0);
  await expect(collect({ maxTokens: 0, signal })).rejects.toThrow('REQUEST_INVALID');
  expect(listeners(signal)).toBe(0);
});

test('a start hears its signal between its pieces of work, and lets go of it', async () => {
  const said: string[] = [];
  const note = (_: unknown, message: string): void => void said.push(message);
  const controller = new AbortController();
  const { signal } = controller;
  // What is due comes before the model is planned, although no file or thread is waited for.
  setImmediate(() => controller.abort(new Error('not needed any more')));
  const logger = { info: note, error: note };
  const model = 'synthetic:15m';
  await expect(Wafer.start({ model, signal, logger })).rejects.toThrow('not needed any more');
  expect([said, listeners(signal)]).toEqual([[], 0]);
  const late = new AbortController();
  const loading = Wafer.start({
    model,
    signal: late.signal,
    onProgress: () => late.abort(new Error('enough of it')),
  });
  await expect(loading).rejects.toThrow('enough of it');
  expect(listeners(late.signal)).toBe(0);
  const kept = new AbortController();
  await using other = await Wafer.start({ model: 'stories', grid: '1x1', signal: kept.signal });
  expect([other.state, listeners(kept.signal)]).toEqual(['running', 0]);
});

test('a wafer that closes lets go of the signals of its requests', async () => {
  const other = await Wafer.start({ model: 'synthetic:tiny', grid: '1x1' });
  const { signal } = new AbortController();
  const answer = other.generate([1, 2, 3], { maxTokens: 200, signal });
  await answer.next();
  await other.close();
  await expect(Array.fromAsync(answer)).rejects.toMatchObject({ code: 'WAFER_CLOSED' });
  expect(listeners(signal)).toBe(0);
  const late = other.generate([1], { signal }).next();
  await expect(late).rejects.toMatchObject({ code: 'WAFER_CLOSED' });
  expect(listeners(signal)).toBe(0);
});

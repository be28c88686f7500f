/**
 * The embedding API under use and misuse: aborts, early exits, closing, bad input.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeModel } from '@wafer/models';
import { openModel, Wafer } from '@wafer/runtime';
import type { Piece, RequestOptions } from '@wafer/runtime';

let wafer: Wafer;

beforeAll(async () => {
  wafer = await Wafer.start({ model: 'synthetic:tiny', grid: '2x1' });
});
afterAll(async () => await wafer.close());

async function collect(prompt: string | number[], options: RequestOptions): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const piece of wafer.generate(prompt, options)) pieces.push(piece);
  return pieces;
}

test('an answer streams one piece per token and says why it ended', async () => {
  const pieces = await collect('hello', { maxTokens: 5, temperature: 0 });
  expect(pieces).toHaveLength(5);
  expect(pieces.map(({ finish }) => finish)).toEqual([...Array(4).fill(undefined), 'length']);
  expect(pieces.map(({ text }) => text).join('')).not.toBe('');
});

test('a seed replays a sampled answer, another seed gives another', async () => {
  const answer = async (seed: number): Promise<number[]> =>
    (await collect('hello', { maxTokens: 24, seed, temperature: 1.5 })).map(({ token }) => token);
  const first = await answer(1);
  expect(await answer(1)).toEqual(first);
  expect(await answer(2)).not.toEqual(first);
});

test('a stop string ends the answer and is not part of it', async () => {
  const all = (await collect('hello', { maxTokens: 20, temperature: 0 })).map(({ text }) => text);
  const stop = all.slice(5, 7).join('').trim();
  const stopped = await collect('hello', { maxTokens: 20, temperature: 0, stop: [stop] });
  expect(stopped.at(-1)).toMatchObject({ finish: 'stop', stop: { text: stop } });
  const text = stopped.map((piece) => piece.text).join('');
  expect(text).toBe(all.join('').slice(0, all.join('').indexOf(stop)));
});

test('what might have become a stop string is part of the answer when it ends', async () => {
  const options = { maxTokens: 12, temperature: 0 };
  const textOf = (pieces: Piece[]): string => pieces.map(({ text }) => text).join('');
  const all = textOf(await collect('hello', options));
  const stop = `${all.slice(-3)} and more that never comes`;
  const pieces = await collect('hello', { ...options, stop: [stop] });
  expect(textOf(pieces)).toBe(all);
  expect(pieces.at(-1)?.finish).toBe('length');
});

test('a token that ends a turn ends the answer, also where it was not asked to', async () => {
  const all = await collect('hello', { maxTokens: 8, temperature: 0 });
  const { token } = all[5]!;
  const { special, ...model } = await openModel('synthetic:tiny');
  await using ended = await Wafer.start({
    model: { ...model, special: { ...special, ends: [token] } },
    grid: '2x1',
  });
  const pieces: Piece[] = [];
  for await (const piece of ended.generate('hello', { maxTokens: 8, temperature: 0 })) {
    pieces.push(piece);
  }
  const tokens = all.map((piece) => piece.token);
  expect(pieces.map((piece) => piece.token)).toEqual(tokens.slice(0, tokens.indexOf(token) + 1));
  expect(pieces.at(-1)).toMatchObject({ finish: 'stop', stop: { token } });
  // It has a text, which is no part of what was said.
  const [before, whole] = [-1, tokens.length].map((end) => {
    const said = pieces.map((piece) => piece.token).slice(0, end);
    return ended.tokenizer.decode(said);
  });
  expect(pieces.map((piece) => piece.text).join('')).toBe(before);
  expect(whole).not.toBe(before);
});

test('penalties count the tokens of the answer', async () => {
  const tokensOf = async (options: RequestOptions): Promise<number[]> =>
    (await collect([1], { maxTokens: 40, temperature: 0, ...options })).map(({ token }) => token);
  const free = await tokensOf({});
  expect(new Set(free).size).toBeLessThan(free.length);
  const penalized = await tokensOf({ repetitionPenalty: 100 });
  expect(new Set(penalized).size).toBe(penalized.length);
});

test('log-probabilities come with the tokens, the chosen one on top when greedy', async () => {
  const pieces = await collect('hello', { maxTokens: 4, temperature: 0, logprobs: 3 });
  for (const { token, logprob, top } of pieces) {
    expect(top).toHaveLength(3);
    expect(top?.[0]).toEqual({ token, logprob });
    expect(logprob).toBeLessThan(0);
  }
});

test('an aborted signal ends the request with its reason, and the wafer goes on', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  let count = 0;
  const run = async (): Promise<void> => {
    for await (const _ of wafer.generate('hello', { maxTokens: 200, signal: controller.signal })) {
      if (++count === 3) controller.abort(reason);
    }
  };
  await expect(run()).rejects.toBe(reason);
  expect(count).toBeLessThan(200);
  await expect(collect('x', { maxTokens: 1, signal: controller.signal })).rejects.toBe(reason);
  expect(await collect('hello', { maxTokens: 2 })).toHaveLength(2);
});

test('leaving the loop early frees the sequence', async () => {
  for await (const _ of wafer.generate('hello', { maxTokens: 200 })) break;
  await expect
    .poll(async () => (await wafer.metrics()).scheduler.runningCount, { timeout: 5000 })
    .toBe(0);
});

test.each([
  ['', {}, 'REQUEST_INVALID'],
  ['x', { maxTokens: 0 }, 'REQUEST_INVALID'],
  ['x', { temperature: Number.NaN }, 'REQUEST_INVALID'],
  ['x', { topP: 2 }, 'REQUEST_INVALID'],
  ['x', { stop: [''] }, 'REQUEST_INVALID'],
  ['x'.repeat(300), {}, 'PROMPT_TOO_LONG'],
  [[1, 512], {}, 'TOKEN_OUT_OF_RANGE'],
  [[1, -1], {}, 'TOKEN_OUT_OF_RANGE'],
  [[1, 0.5], {}, 'TOKEN_OUT_OF_RANGE'],
] as const)('a bad request %j %o is refused with %s', async (prompt, options, code) => {
  const tokens = typeof prompt === 'string' ? prompt : [...prompt];
  const isEmpty = prompt === '';
  const request = collect(isEmpty ? [] : tokens, options as RequestOptions);
  await expect(request).rejects.toMatchObject({ name: 'WaferError', code });
});

test('closing ends open requests with a code and later ones at once', async () => {
  const other = await Wafer.start({ model: 'synthetic:tiny', grid: '2x1' });
  const run = async (): Promise<void> => {
    for await (const _ of other.generate('hello', { maxTokens: 250 })) void _;
  };
  const open = expect(run()).rejects.toMatchObject({ code: 'WAFER_CLOSED' });
  await other.close();
  await other.close();
  await open;
  await expect(run()).rejects.toMatchObject({ code: 'WAFER_CLOSED' });
});

test('logits can begin at a position, and are the rows of the whole', async () => {
  const rowsFrom = async (from?: number): Promise<[number, Float32Array][]> => {
    const rows: [number, Float32Array][] = [];
    const options = from === undefined ? {} : { from };
    for await (const { position, logits } of wafer.logits([1, 2, 3, 4, 5], options)) {
      // A row of its own, not the engine's memory, which the next step writes over.
      expect(logits.buffer).toBeInstanceOf(ArrayBuffer);
      rows.push([position, logits]);
    }
    return rows;
  };
  expect(await rowsFrom(3)).toEqual((await rowsFrom()).slice(3));
  await expect(rowsFrom(5)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

test('a listener that throws ends the start, not the process', async () => {
  const onProgress = (): never => {
    throw new Error('no screen');
  };
  const start = Wafer.start({ model: 'synthetic:tiny', grid: '1x1', onProgress });
  await expect(start).rejects.toThrow('no screen');
});

test.each(['before', 'within'])('a signal ends a start %s its threads load', async (when) => {
  const controller = new AbortController();
  const states: string[] = [];
  const start = Wafer.start({
    ...{ model: 'synthetic:15m', grid: '1x1', signal: controller.signal },
    onState: (state) => states.push(state),
    logger: {
      info: () => {
        if (when === 'before') controller.abort('enough');
        else setImmediate(() => controller.abort('enough'));
      },
      error: () => undefined,
    },
  });
  await expect(start).rejects.toBe('enough');
  expect(states).toEqual(['starting', 'failed']);
});

test('any reason of an abort comes back as it is', async () => {
  const controller = new AbortController();
  const run = async (): Promise<void> => {
    const options = { maxTokens: 200, signal: controller.signal };
    for await (const _ of wafer.generate('hello', options)) controller.abort('enough');
  };
  await expect(run()).rejects.toBe('enough');
});

test('a logger is told of start and end, not of tokens', async () => {
  const messages: string[] = [];
  const note = (_: object, message: string): number => messages.push(message);
  const logger = { info: note, error: note };
  const logged = await Wafer.start({ model: 'synthetic:tiny', grid: '1x1', logger });
  for await (const _ of logged.generate('a', { maxTokens: 3 })) void _;
  await logged.close();
  expect(messages).toEqual(['planned', 'started', 'closed']);
});

test('weights that vanish between opening and loading end the start with a code', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-'));
  const path = join(folder, 'model.gguf');
  writeModel({ model: await openModel('synthetic:tiny'), format: 'gguf', path });
  const model = await openModel(path);
  rmSync(folder, { recursive: true });
  const start = Wafer.start({ model, grid: '2x1' });
  await expect(start).rejects.toMatchObject({ code: 'MODEL_UNREADABLE' });
});

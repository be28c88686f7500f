import { expect, test } from 'vitest';
import { AnswerStream } from './answer-stream.ts';
import type { EngineCommand, PieceEvent } from '../engine/messages.ts';
import { resolveRequest } from '../engine/request.ts';
import { RequestLines } from './request-lines.ts';

const limits = { vocabCount: 9, contextMax: 99, kvTokens: 99, defaultSeed: 1 };
const request = resolveRequest([1], {}, limits);

/** A stream on a line of its own, and what is said on it. */
function openStream(opened: Promise<void> = Promise.resolve()) {
  const lines = new RequestLines();
  const commands: EngineCommand[] = [];
  const ends: string[] = [];
  const engine = { command: (command: EngineCommand) => void commands.push(command) };
  const open = async () => {
    await opened;
    return { line: lines.open(engine), request, signal: undefined };
  };
  const stream = new AnswerStream({ open, onEnd: () => void ends.push('end') });
  return { lines, stream, commands, ends };
}

const PIECE = { kind: 'piece', id: 0, index: 0, text: 'a' } as const;
const piece = (token: number): PieceEvent => ({ ...PIECE, token });

test('pieces that come together are handed out one by one, and the end is told once', async () => {
  const { lines, stream, commands, ends } = openStream();
  const first = stream.next();
  await Promise.resolve();
  lines.dispatch([piece(1), { ...piece(2), finish: 'length' }]);
  expect(Object.keys((await first).value!)).toEqual([
    ...['token', 'index', 'text', 'logprob', 'top', 'promptLogprobs'],
    ...['virtualNs', 'finish', 'stop', 'usage'],
  ]);
  expect((await stream.next()).value).toMatchObject({ token: 2, finish: 'length' });
  expect(ends).toEqual([]);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(ends).toEqual(['end']);
  expect(commands.map(({ kind }) => kind)).toEqual(['generate']);
  lines.close();
});

test('who leaves lets go whoever waits beside it, and tells the engine', async () => {
  const { lines, stream, commands, ends } = openStream();
  const waiting = [stream.next(), stream.next()];
  await new Promise(setImmediate);
  await stream.return();
  expect(await Promise.all(waiting)).toEqual(Array(2).fill({ done: true, value: undefined }));
  expect(commands.map(({ kind }) => kind)).toEqual(['generate', 'abort']);
  expect(ends).toEqual(['end']);
  lines.close();
});

test('a stream that is left while it opens asks for nothing', async () => {
  const opened = Promise.withResolvers<void>();
  const { lines, stream, commands, ends } = openStream(opened.promise);
  const first = stream.next();
  const left = stream.return();
  opened.resolve();
  expect(await left).toEqual({ done: true, value: undefined });
  expect(await first).toEqual({ done: true, value: undefined });
  expect(commands).toEqual([]);
  expect(ends).toEqual(['end']);
  lines.close();
});

test('readers side by side have the pieces in order', async () => {
  const { lines, stream } = openStream();
  const reads = [stream.next(), stream.next(), stream.next()];
  await new Promise(setImmediate);
  lines.dispatch([piece(1)]);
  lines.dispatch([piece(2), { ...piece(3), finish: 'length' }]);
  const got = await Promise.all(reads);
  expect(got.map(({ value }) => value?.token)).toEqual([1, 2, 3]);
  lines.close();
});

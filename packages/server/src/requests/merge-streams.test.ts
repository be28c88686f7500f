import { expect, test } from 'vitest';
import { mergeStreams } from './merge-streams.ts';

async function* countTo(name: string, count: number): AsyncGenerator<string, void, undefined> {
  for (let i = 0; i < count; i++) yield `${name}${i}`;
}

test('streams that are always ready take turns', async () => {
  const merged = mergeStreams([countTo('a', 3), countTo('b', 3), countTo('c', 1)]);
  const items = await Array.fromAsync(merged);
  expect(items).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'a2', 'b2']);
});

test('the failure of one ends all, and is told once', async () => {
  const ended: string[] = [];
  async function* endless(): AsyncGenerator<string, void, undefined> {
    try {
      for (;;) yield 'x';
    } finally {
      ended.push('endless');
    }
  }
  async function* failing(): AsyncGenerator<string, void, undefined> {
    yield 'y';
    throw new Error('lost');
  }
  await expect(Array.fromAsync(mergeStreams([endless(), failing()]))).rejects.toThrow('lost');
  expect(ended).toEqual(['endless']);
});

import { expect, test } from 'vitest';
import { mapStream } from './map-stream.ts';

async function* numbers(
  told: string[],
  failsAt = Infinity,
): AsyncGenerator<number, void, undefined> {
  try {
    for (let i = 0; i < 3; i++) {
      if (i === failsAt) throw new Error('broken');
      yield i;
    }
  } finally {
    told.push('source ended');
  }
}

function told(failsAt?: number): {
  told: string[];
  stream: AsyncGenerator<number, void, undefined>;
} {
  const list: string[] = [];
  const stream = mapStream({
    open: () => {
      list.push('opened');
      return numbers(list, failsAt);
    },
    map: (item) => item * 10,
    onEnd: () => list.push('end'),
  });
  return { told: list, stream };
}

test('items come in order, nothing is opened before that, the end is told once', async () => {
  const { told: list, stream } = told();
  expect(list).toEqual([]);
  expect(await Array.fromAsync(stream)).toEqual([0, 10, 20]);
  expect(list).toEqual(['opened', 'source ended', 'end']);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  await stream.return();
  expect(list).toHaveLength(3);
});

test('of several items that are asked for at once the end is told once', async () => {
  const { told: list, stream } = told();
  const items = await Promise.all([1, 2, 3, 4, 5].map(() => stream.next()));
  expect(items.map(({ done }) => done)).toEqual([false, false, false, true, true]);
  expect(list).toEqual(['opened', 'source ended', 'end']);
});

test('a reader that leaves returns the source', async () => {
  const { told: list, stream } = told();
  for await (const item of stream) if (item === 10) break;
  expect(list).toEqual(['opened', 'source ended', 'end']);
});

test('who leaves before the first item opens nothing, and is told of the end', async () => {
  const { told: list, stream } = told();
  await stream.return();
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(list).toEqual(['end']);
});

test('a failure of the source, of its opening or of the map ends the stream', async () => {
  const { told: list, stream } = told(1);
  await stream.next();
  await expect(stream.next()).rejects.toThrow('broken');
  expect(list).toEqual(['opened', 'source ended', 'end']);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  const ends: string[] = [];
  const closed = mapStream<number, number>({
    open: async () => {
      throw new Error('closed');
    },
    map: (item) => item,
    onEnd: () => ends.push('end'),
  });
  await expect(closed.next()).rejects.toThrow('closed');
  const mapped = mapStream({
    open: () => numbers(ends),
    map: () => {
      throw new Error('no map');
    },
    onEnd: () => ends.push('end'),
  });
  await expect(mapped.next()).rejects.toThrow('no map');
  expect(ends).toEqual(['end', 'source ended', 'end']);
});

test('who leaves while a source is being opened returns it when it is there', async () => {
  const list: string[] = [];
  const opening = Promise.withResolvers<AsyncGenerator<number, void, undefined>>();
  const stream = mapStream({
    open: () => opening.promise,
    map: (item) => item,
    onEnd: () => list.push('end'),
  });
  const first = stream.next();
  const left = stream.return();
  const source = numbers(list);
  opening.resolve(source);
  await left;
  await first;
  expect(list).toContain('end');
  expect(await source.next()).toEqual({ done: true, value: undefined });
});

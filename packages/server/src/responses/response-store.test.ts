import { expect, test } from 'vitest';
import { Store } from '../store/store.ts';
import {
  chainItems,
  changeResponse,
  deleteResponse,
  findResponse,
  keepResponse,
} from './response-store.ts';
import type { StoredResponse } from './response-store.ts';

const answer = (id: string, previous?: string): StoredResponse => ({
  response: { id },
  input: [{ role: 'user', content: `ask ${id}` }],
  output: [{ role: 'assistant', content: `say ${id}` }],
  previous,
});
const stores = (): { store: Store; recent: Store; nowSeconds: () => number } => ({
  ...{ store: new Store(), recent: new Store(), nowSeconds: () => 1000 },
});

test('a chain is what was asked and said, from its first link on', () => {
  const all = new Map(
    [answer('a'), answer('b', 'a'), answer('c', 'b')].map((one) => [
      ...([String(one.response['id']), one] as const),
    ]),
  );
  const items = chainItems((id) => all.get(id), 'c');
  expect(items.map(({ content }) => content)).toEqual([
    ...['ask a', 'say a', 'ask b', 'say b', 'ask c', 'say c'],
  ]);
  expect(chainItems(() => undefined, null)).toEqual([]);
  expect(() => chainItems((id) => all.get(id), 'd')).toThrow("id 'd' not found");
  all.delete('a');
  expect(() => chainItems((id) => all.get(id), 'c')).toThrow("id 'a' not found");
});

test('a chain of a thousand links is carried on, one that has no end is refused', () => {
  const link = (id: string): StoredResponse =>
    answer(id, id === '0' ? undefined : String(Number(id) - 1));
  expect(chainItems(link, '999')).toHaveLength(2000);
  expect(() => chainItems(link, '1000')).toThrow('not found');
  expect(() => chainItems(() => answer('a', 'a'), 'a')).toThrow("id 'a' not found");
});

test('what is asked to be kept is kept for a month, what is not for an hour, or not at all', () => {
  const all = stores();
  keepResponse(all, 't', answer('kept'), true);
  keepResponse(all, 't', answer('passing'), undefined);
  keepResponse(all, 't', answer('none'), false);
  const found = (): boolean[] =>
    ['kept', 'passing', 'none'].map((id) => findResponse(all, 't', id) !== undefined);
  expect(found()).toEqual([true, true, false]);
  expect(findResponse(all, 'u', 'kept')).toBeUndefined();
  const purge = (now: number): number[] => [all.store.purge(now), all.recent.purge(now)];
  expect(purge(1000 + 3599)).toEqual([0, 0]);
  expect(purge(1000 + 3600)).toEqual([0, 1]);
  expect(found()).toEqual([true, false, false]);
  expect([purge(1000 + 30 * 86_400 - 1)[0], purge(1000 + 30 * 86_400)[0]]).toEqual([0, 1]);
});

test('a response is changed and deleted where it is', () => {
  const all = stores();
  keepResponse(all, 't', answer('kept'), true);
  keepResponse(all, 't', answer('passing'), undefined);
  for (const id of ['kept', 'passing']) {
    const changed = { ...answer(id), response: { id, status: 'new' } };
    changeResponse(all, 't', changed);
    expect(findResponse(all, 't', id)).toEqual(changed);
    expect([deleteResponse(all, 'u', id), deleteResponse(all, 't', id)]).toEqual([false, true]);
    expect([findResponse(all, 't', id), deleteResponse(all, 't', id)]).toEqual([undefined, false]);
  }
});

test('of what nobody asked to keep, the last ten thousand are kept, and all that was asked', () => {
  const all = stores();
  keepResponse(all, 't', answer('kept'), true);
  all.recent.transaction(() => {
    for (let i = 0; i <= 10_000; i++) keepResponse(all, 't', answer(`passing ${i}`), undefined);
  });
  const found = (id: string): boolean => findResponse(all, 't', id) !== undefined;
  expect(['kept', 'passing 0', 'passing 1', 'passing 10000'].map(found)).toEqual([
    ...[true, false, true, true],
  ]);
});

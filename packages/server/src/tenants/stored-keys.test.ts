import { expect, test } from 'vitest';
import { keyList } from '../http/keys.ts';
import { Store } from '../store/store.ts';
import { readAudit } from './audit-log.ts';
import { Directory } from './directory.ts';
import { bothKeys, StoredKeys } from './stored-keys.ts';
import type { NewKey } from './stored-keys.ts';

const DAY = 24 * 3600;
const ASKED: NewKey = { name: 'n', tenant: 't', role: 'user', expires_at: null };

/** Keys of a store under a clock that is set by hand. */
function keysAt(nowSeconds: number): { keys: StoredKeys; clock: { now: number }; store: Store } {
  const clock = { now: nowSeconds };
  const store = new Store();
  return { keys: new StoredKeys(store, () => clock.now), clock, store };
}

test('a key is found until the second in which it expires, and another never', () => {
  const { keys, clock } = keysAt(100);
  const { key } = keys.create({ ...ASKED, expires_at: 200 }, 'ops');
  clock.now = 199;
  expect(keys.find(key)).toMatchObject({ tenant: 't', role: 'user', weight: 1 });
  expect(keys.find(`${key}x`)).toBeUndefined();
  clock.now = 200;
  expect(keys.find(key)).toBeUndefined();
});

test('a key that is changed for another is good for a day, and the other for what it was', () => {
  const { keys, clock } = keysAt(0);
  const bounds = { scopes: ['storage' as const], limits: { requests_per_day: 5 } };
  const old = keys.create({ ...ASKED, ...bounds, expires_at: 10 * DAY }, 'ops');
  const made = keys.rotate(old.id, 'ops')!;
  const same = { tenant: 't', role: 'user', scopes: ['storage'] };
  expect(keys.find(made.key)).toMatchObject({
    ...same,
    subjects: [{ kind: 'key', id: made.id, limits: bounds.limits }],
  });
  expect([made.expires_at, made.name]).toEqual([10 * DAY, 'n']);
  clock.now = DAY - 1;
  expect(keys.find(old.key)).toMatchObject(same);
  clock.now = DAY;
  expect([keys.find(old.key), keys.find(made.key)]).toMatchObject([undefined, same]);
});

test('a key that is about to expire is not good for longer because it is changed', () => {
  const { keys, clock } = keysAt(0);
  const old = keys.create({ ...ASKED, expires_at: 60 }, 'ops');
  keys.rotate(old.id, 'ops');
  clock.now = 60;
  expect(keys.find(old.key)).toBeUndefined();
  expect(keys.rotate('key_of_nobody', 'ops')).toBeUndefined();
});

test('a key that is revoked is nobody’s, and a server that had keys never opens again', () => {
  const { keys, store } = keysAt(0);
  const source = bothKeys(keyList([]), keys, new Directory(store, () => 0));
  expect(source.isOpen).toBe(true);
  const { id, key } = keys.create(ASKED, 'ops');
  expect(source.find(key)).toMatchObject({ tenant: 't', organization: 't' });
  expect([keys.revoke(id, 'ops'), keys.revoke(id, 'ops')]).toEqual([true, false]);
  expect([source.find(key), source.isOpen, keys.list()]).toEqual([undefined, false, []]);
});

test('whatever becomes of a key is written down, and the key itself is not', () => {
  const { keys, store } = keysAt(7);
  const old = keys.create(ASKED, 'ops');
  const made = keys.rotate(old.id, 'ops')!;
  keys.revoke(made.id, 'ops');
  const entries = JSON.stringify(readAudit(store.db, 0, 10));
  const actions = entries.match(/key\.\w+/g);
  expect(actions).toEqual(['key.create', 'key.create', 'key.rotate', 'key.revoke']);
  for (const { key } of [old, made]) expect(entries).not.toContain(key.slice(3, 20));
});

import { expect, test } from 'vitest';
import { callerOf, checkRights, keyList, LOCAL_CALLER, ROLES } from './keys.ts';
import type { Access, Caller, KeyRole } from './keys.ts';

const source = keyList([
  { key: 'one', tenant: 'a' },
  { key: 'two', tenant: 'b', role: 'admin', weight: 3, limits: { requests_per_day: 5 } },
  { key: 'three', tenant: 'c', scopes: ['storage'] },
]);

test.each([
  [{ authorization: 'Bearer one' }, 'a'],
  [{ authorization: 'bearer  two' }, 'b'],
  [{ 'x-api-key': 'three' }, 'c'],
  [{ 'api-key': 'one' }, 'a'],
  [{ authorization: 'Basic x', 'x-api-key': 'two' }, 'b'],
  [{ authorization: 'Bearer one', 'x-api-key': 'two' }, 'a'],
])('a key is found however a client sends it: %o', (headers, tenant) => {
  expect(callerOf(headers, source).tenant).toBe(tenant);
});

test.each([
  [{}, 'missing_api_key'],
  [{ authorization: 'one' }, 'missing_api_key'],
  [{ 'x-api-key': '' }, 'missing_api_key'],
  [{ 'x-api-key': ['one', 'two'] }, 'missing_api_key'],
  [{ authorization: 'Bearer four' }, 'invalid_api_key'],
  [{ 'x-api-key': 'One' }, 'invalid_api_key'],
])('who has no key, or another, is told so: %o', (headers, code) => {
  expect(() => callerOf(headers, source)).toThrow(expect.objectContaining({ status: 401, code }));
});

test('a key says whose it is, what it may and how much', () => {
  expect(source.find('two')).toEqual({
    ...{ tenant: 'b', role: 'admin', weight: 3, keyId: '#2', scopes: undefined },
    subjects: [{ kind: 'key', id: '#2', limits: { requests_per_day: 5 } }],
  });
  expect(source.find('one')).toMatchObject({ role: 'user', weight: 1, subjects: undefined });
  expect([source.isOpen, keyList([]).isOpen]).toEqual([false, true]);
  expect(callerOf({ authorization: 'Bearer four' }, keyList([]))).toBe(LOCAL_CALLER);
});

const caller = (role: KeyRole, scopes?: Caller['scopes']): Caller => ({
  ...{ tenant: 'a', role, weight: 1, scopes },
});

test('each role may do its own: users ask, auditors read, an admin does all', () => {
  const may = (role: KeyRole, access: Access): boolean => {
    try {
      checkRights(caller(role), access);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ status: 403, code: 'forbidden' });
      return false;
    }
  };
  const table = (['open', 'user', 'audit', 'admin'] as const).map((access) => [
    access,
    ...ROLES.filter((role) => may(role, access)),
  ]);
  expect(table).toEqual([
    ['open', 'user', 'auditor', 'admin'],
    ['user', 'user', 'admin'],
    ['audit', 'auditor', 'admin'],
    ['admin', 'admin'],
  ]);
});

test('scopes narrow what a key may, where there are any', () => {
  const check = (scopes: Caller['scopes']) => (): void =>
    checkRights(caller('user', scopes), 'user', 'inference');
  expect(check(undefined)).not.toThrow();
  expect(check(['storage', 'inference'])).not.toThrow();
  for (const scopes of [['storage'], []] as const) {
    expect(check(scopes)).toThrow(expect.objectContaining({ code: 'insufficient_scope' }));
  }
});

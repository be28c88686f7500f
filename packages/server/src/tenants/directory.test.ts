import { expect, test } from 'vitest';
import type { Caller } from '../http/keys.ts';
import { Store } from '../store/store.ts';
import { readAudit } from './audit-log.ts';
import { Directory } from './directory.ts';
import type { OrganizationRecord, ProjectRecord } from './directory.ts';

const limits = (count: number): { requests_per_day: number } => ({ requests_per_day: count });
const ORGANIZATION: OrganizationRecord = {
  ...{ id: 'o', object: 'organization', name: '', limits: limits(100) },
};
const PROJECT: ProjectRecord = {
  ...{ id: 'p', object: 'project', organization: 'o', name: '', weight: 3, limits: limits(10) },
};
const CALLER: Caller = {
  ...{ tenant: 'p', role: 'user', weight: 1, keyId: 'k' },
  subjects: [{ kind: 'key', id: 'k', limits: limits(1) }],
};

test('a caller has the limits of its key, its project and its organization, and its weight', () => {
  const directory = new Directory(new Store(), () => 0);
  expect(directory.complete(CALLER)).toEqual({ ...CALLER, organization: 'p' });
  directory.put(PROJECT, 'ops');
  const alone = directory.complete(CALLER);
  expect([alone.weight, alone.organization]).toEqual([3, 'o']);
  directory.put(ORGANIZATION, 'ops');
  expect(directory.complete(CALLER)).toMatchObject({ weight: 3, keyId: 'k', organization: 'o' });
  expect(directory.complete(CALLER).subjects).toEqual([
    { kind: 'key', id: 'k', limits: limits(1) },
    { kind: 'project', id: 'p', limits: limits(10) },
    { kind: 'organization', id: 'o', limits: limits(100) },
  ]);
  expect(CALLER.subjects).toHaveLength(1);
  expect(directory.complete({ ...CALLER, tenant: 'x', subjects: undefined })).toMatchObject({
    ...{ organization: 'x', subjects: [], weight: 1 },
  });
});

test('what becomes of projects is written down, and nothing where nothing does', () => {
  const store = new Store();
  const directory = new Directory(store, () => 7);
  directory.put(PROJECT, 'ops');
  expect(directory.list('project')).toEqual([PROJECT]);
  expect([
    directory.delete('project', 'x', 'ops'),
    directory.delete('project', 'p', 'ops'),
  ]).toEqual([false, true]);
  expect(directory.get('project', 'p')).toBeUndefined();
  const actions = JSON.stringify(readAudit(store.db, 0, 10)).match(/project\.\w+/g);
  expect(actions).toEqual(['project.put', 'project.delete']);
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backupStore, restoreStore } from './backup.ts';
import { readDataKey } from './sealer.ts';
import { Store } from './store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wafer-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const KEY = { tenant: 'a', kind: 'note', id: 'note_1' };
const dataKey = Buffer.alloc(32, 7);

test('what was written is there after a start, and nobody else finds it', () => {
  {
    using store = new Store({ folder });
    store.documents.put(KEY, { text: 'hello' });
    store.blobs.append({ tenant: 'a', owner: 'file_1' }, Buffer.alloc(2.5 * 2 ** 20, 3));
    store.blobs.append({ tenant: 'a', owner: 'file_1' }, Buffer.from('end'));
  }
  using store = new Store({ folder });
  expect(store.documents.get(KEY)).toEqual({ text: 'hello' });
  expect(store.documents.get({ ...KEY, tenant: 'b' })).toBeUndefined();
  expect(store.documents.get({ ...KEY, kind: 'file' })).toBeUndefined();
  expect(store.documents.delete({ ...KEY, tenant: 'b' })).toBe(false);
  const bytes = store.blobs.read({ tenant: 'a', owner: 'file_1' });
  expect(bytes.length).toBe(2.5 * 2 ** 20 + 3);
  expect(bytes.subarray(-3).toString()).toBe('end');
  expect(store.blobs.read({ tenant: 'b', owner: 'file_1' }).length).toBe(0);
});

test('a transaction that throws leaves nothing', () => {
  using store = new Store();
  expect(() =>
    store.transaction(() => {
      store.documents.put(KEY, {});
      throw new Error('stop');
    }),
  ).toThrow('stop');
  expect(store.documents.get(KEY)).toBeUndefined();
  store.documents.put(KEY, { n: 1 });
  expect(store.documents.update<{ n: number }>(KEY, ({ n }) => ({ n: n + 1 }))).toEqual({ n: 2 });
});

test('lists go page by page, both ways, filtered, and through other kinds', () => {
  using store = new Store();
  for (let n = 0; n < 450; n++) {
    store.documents.put({ tenant: n % 3 ? 'a' : 'b', kind: 'note', id: `n${n}` }, { n });
  }
  const all = (order: 'asc' | 'desc', filter?: (body: { n: number }) => boolean): number[] => {
    const seen: number[] = [];
    for (let after: string | undefined; ;) {
      const page = store.documents.list<{ n: number }>(
        { tenant: 'a', kind: 'note' },
        { after, limit: 7, order, filter },
      );
      seen.push(...page.items.map(({ n }) => n));
      if (!page.hasMore) return seen;
      after = `n${seen.at(-1)}`;
    }
  };
  const expected = Array.from({ length: 450 }, (_, n) => n).filter((n) => n % 3 !== 0);
  expect(all('asc')).toEqual(expected);
  expect(all('desc')).toEqual(expected.toReversed());
  expect(all('asc', ({ n }) => n % 50 === 0)).toEqual(expected.filter((n) => n % 50 === 0));
});

test('an encrypted store shows no text on disk and opens with its key only', () => {
  const secret = 'the quick brown secret';
  {
    using store = new Store({ folder, dataKey });
    store.documents.put(KEY, { secret });
    store.blobs.append({ tenant: 'a', owner: 'f' }, Buffer.from(secret));
    store.lines.add({ tenant: 'a', batch: 'b' }, { line: 0, isError: false, body: { secret } });
    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(folder, name)).includes(secret)).toBe(false);
    }
  }
  expect(() => new Store({ folder })).toThrow('STORE_KEY');
  expect(() => new Store({ folder, dataKey: Buffer.alloc(32, 8) })).toThrow('STORE_KEY');
  using store = new Store({ folder, dataKey });
  expect(store.documents.get(KEY)).toEqual({ secret });
  // Nor does it show that two rows are alike: each is sealed with a nonce of its own.
  for (const id of ['x', 'y']) store.documents.put({ ...KEY, id }, { secret });
  const rows = store.db.all("SELECT body FROM documents WHERE id IN ('x', 'y')");
  const nonces = rows.map(({ body }) => Buffer.from(body as Uint8Array).toString('hex', 0, 12));
  expect(new Set(nonces).size).toBe(2);
  // A row that is moved to another tenant is refused, not shown.
  store.db.run("UPDATE documents SET tenant = 'b'");
  expect(() => store.documents.get({ ...KEY, tenant: 'b' })).toThrow('STORE_KEY');
});

test('a second server is kept out of a folder while the first has it', () => {
  {
    using first = new Store({ folder });
    expect(() => new Store({ folder })).toThrow('STORE_IN_USE');
    expect(first.isDurable).toBe(true);
  }
  new Store({ folder })[Symbol.dispose]();
});

test('what expires is gone with its bytes, and erasing leaves nothing of a tenant', () => {
  using store = new Store({ folder });
  const text = 'to be forgotten entirely';
  store.documents.put(KEY, { text }, 100);
  store.blobs.append({ tenant: 'a', owner: KEY.id }, Buffer.from(text));
  store.blobs.append({ tenant: 'a', owner: `${KEY.id}/part` }, Buffer.from(text));
  store.blobs.append({ tenant: 'a', owner: `${KEY.id}0` }, Buffer.from('of another'));
  store.documents.put({ ...KEY, id: 'note_2' }, { text }, 200);
  expect(store.purge(100)).toBe(1);
  expect(store.documents.get(KEY)).toBeUndefined();
  const owners = [KEY.id, `${KEY.id}/part`, `${KEY.id}0`];
  const bytes = owners.map((owner) => store.blobs.read({ tenant: 'a', owner }).length);
  expect(bytes).toEqual([0, 0, 10]);
  expect(store.erase('a')).toBe(1);
  store.db.run('PRAGMA wal_checkpoint(TRUNCATE)');
  for (const name of readdirSync(folder)) {
    expect(readFileSync(join(folder, name)).includes(text)).toBe(false);
  }
});

test('a document that is changed still goes when it was to, one that is put anew not', () => {
  using store = new Store();
  const other = { ...KEY, id: 'note_2' };
  for (const key of [KEY, other]) store.documents.put(key, { n: 1 }, 100);
  expect(store.documents.update<{ n: number }>(KEY, ({ n }) => ({ n: n + 1 }))).toEqual({ n: 2 });
  store.documents.put(other, { n: 3 });
  expect(store.documents.update({ ...KEY, tenant: 'b' }, () => ({}))).toBeUndefined();
  expect([store.purge(99), store.purge(100)]).toEqual([0, 1]);
  expect([store.documents.get(KEY), store.documents.get(other)]).toEqual([undefined, { n: 3 }]);
});

test('of what is kept for a while the newest stay, as many as there may be', () => {
  using store = new Store();
  for (let n = 0; n < 5; n++) store.documents.put({ ...KEY, id: `n${n}` }, { n });
  const left = (): number[] => store.documents.all<{ n: number }>('note').map(({ body }) => body.n);
  store.trim(5);
  expect(left()).toEqual([0, 1, 2, 3, 4]);
  store.trim(3);
  expect(left()).toEqual([2, 3, 4]);
});

test('what is erased takes the lines of batches along, and those of no other tenant', () => {
  using store = new Store();
  const lineOf = { line: 0, isError: false, body: {} };
  for (const tenant of ['a', 'b']) store.lines.add({ tenant, batch: 'x' }, lineOf);
  store.erase('a');
  const counts = ['a', 'b'].map((tenant) => store.lines.done({ tenant, batch: 'x' }).size);
  expect(counts).toEqual([0, 1]);
});

test('a key is 32 bytes, or as many in hexadecimal digits of either case', () => {
  const hex = dataKey.toString('hex').replaceAll('7', 'aB').slice(0, 64);
  for (const text of [hex, hex.toUpperCase(), `${hex}\n`]) {
    expect(readDataKey(Buffer.from(text), 'k')).toEqual(Buffer.from(hex, 'hex'));
  }
  expect(readDataKey(dataKey, 'k')).toBe(dataKey);
  for (const bad of [hex.slice(2), `${hex}00`, 'x'.repeat(64)]) {
    expect(() => readDataKey(Buffer.from(bad), 'k')).toThrow('STORE_KEY_FILE');
  }
});

test('a store of a newer Wafer is refused with both versions, and its folder is free again', () => {
  {
    using store = new Store({ folder });
    const { user_version: version } = store.db.get('PRAGMA user_version')!;
    store.db.run(`PRAGMA user_version = ${Number(version) + 1}`);
  }
  for (let i = 0; i < 2; i++) {
    expect(() => new Store({ folder })).toThrow(
      /STORE_INVALID.*is of version \d+, this Wafer knows/,
    );
  }
});

test('a copy that is damaged inside is no store, and nothing of it stays', () => {
  const [state, file] = [join(folder, 'state'), join(folder, 'copy.db')];
  {
    using store = new Store({ folder: state });
    for (let n = 0; n < 400; n++) {
      store.documents.put({ ...KEY, id: `n${n}` }, { text: 'x'.repeat(500) });
    }
    backupStore(state, file, false);
  }
  const bytes = readFileSync(file);
  bytes.fill(0xee, bytes.length / 2, bytes.length / 2 + 8192);
  writeFileSync(file, bytes);
  const before = readdirSync(state);
  expect(() => restoreStore(file, state, true)).toThrow('STORE_INVALID');
  expect(readdirSync(state).toSorted()).toEqual(before.toSorted());
  using store = new Store({ folder: state });
  expect(store.documents.all('note')).toHaveLength(400);
});

test('a line of a batch is written once, and read in the order of the input', () => {
  using store = new Store();
  const key = { tenant: 'a', batch: 'batch_1' };
  for (const line of [3, 0, 2]) store.lines.add(key, { line, isError: line === 2, body: { line } });
  expect(store.lines.add(key, { line: 0, isError: true, body: 'again' })).toBe(false);
  expect(store.lines.counts(key)).toEqual({ completed: 2, failed: 1 });
  expect([...store.lines.read(key, { isError: false })]).toEqual(['{"line":0}', '{"line":3}']);
  expect([...store.lines.done({ ...key, tenant: 'b' })]).toEqual([]);
  const next = { tenant: 'a', batch: 'batch_2' };
  store.lines.add(next, { line: 9, isError: false, body: {} });
  expect([...store.lines.done(key)].toSorted((a, b) => a - b)).toEqual([0, 2, 3]);
  store.lines.delete(key);
  expect([store.lines.done(key).size, store.lines.done(next).size]).toEqual([0, 1]);
});

test('a copy made under a server is whole, and takes the place of a store that is lost', () => {
  const file = join(folder, 'copy.db');
  const state = join(folder, 'state');
  {
    using store = new Store({ folder: state, dataKey });
    store.documents.put(KEY, { n: 1 });
    backupStore(state, file, false);
    store.documents.put(KEY, { n: 2 }); // behind the copy
    expect(() => restoreStore(file, state, true)).toThrow('STORE_IN_USE');
  }
  expect(() => backupStore(state, file, false)).toThrow('OUTPUT_EXISTS');
  expect(() => backupStore(state, join(folder, 'no', 'copy'), false)).toThrow('OUTPUT_FAILED');
  expect(() => restoreStore(file, state, false)).toThrow('OUTPUT_EXISTS');
  restoreStore(file, state, true);
  {
    using store = new Store({ folder: state, dataKey });
    expect(store.documents.get(KEY)).toEqual({ n: 1 });
  }
  const bytes = readFileSync(file);
  for (const [name, damaged] of [
    ['cut', bytes.subarray(0, bytes.length - 5000)],
    ['foreign', Buffer.from('no database at all'.repeat(500))],
  ] as const) {
    const path = join(folder, `${name}.db`);
    writeFileSync(path, damaged);
    expect(() => restoreStore(path, state, true)).toThrow('STORE_INVALID');
  }
  using store = new Store({ folder: state, dataKey });
  expect(store.documents.get(KEY)).toEqual({ n: 1 });
});

test('a copy is never open to others, not even one that fails halfway', () => {
  const state = join(folder, 'state');
  {
    using store = new Store({ folder: state });
    store.blobs.append({ tenant: 'a', owner: 'f' }, Buffer.alloc(2 ** 20, 3));
  }
  const path = join(state, 'wafer.db');
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0xff, bytes.length / 2));
  const umask = process.umask(0);
  try {
    expect(() => backupStore(state, join(folder, 'copy'), false)).toThrow('STORE_INVALID');
  } finally {
    process.umask(umask);
  }
  expect(statSync(join(folder, 'copy.part')).mode & 0o777).toBe(0o600);
});

test('another key opens all that the old one did, and the old one nothing', () => {
  const [secret, after] = ['words to be kept', Buffer.alloc(32, 9)];
  let before: Uint8Array;
  {
    using store = new Store({ folder, dataKey });
    before = store.secret;
    store.noteFact('keyed');
    store.documents.put(KEY, { secret });
    store.blobs.append({ tenant: 'a', owner: 'f' }, Buffer.from(secret));
    store.lines.add({ tenant: 'a', batch: 'b' }, { line: 4, isError: false, body: { secret } });
    expect(store.rekey(after)).toBe(5);
  }
  expect(() => new Store({ folder, dataKey })).toThrow('STORE_KEY');
  {
    using store = new Store({ folder, dataKey: after });
    expect(store.documents.get(KEY)).toEqual({ secret });
    expect(store.blobs.read({ tenant: 'a', owner: 'f' }).toString()).toBe(secret);
    expect([...store.lines.read({ tenant: 'a', batch: 'b' }, { isError: false })]).toHaveLength(1);
    expect(store.secret).toEqual(before);
    expect(store.hasFact('keyed')).toBe(true);
    expect(store.rekey(undefined)).toBe(5);
  }
  using store = new Store({ folder });
  expect(store.documents.get(KEY)).toEqual({ secret });
});

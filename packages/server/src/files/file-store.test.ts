import { expect, test } from 'vitest';
import { Store } from '../store/store.ts';
import { deleteFile, fileBody, getFile, putFile } from './file-store.ts';

const facts = { id: 'file-1', bytes: 3, created_at: 100, purpose: 'batch' };

test.each([
  ['a.bin', 'a.bin'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['a/b\\c', 'c'],
  ['/', 'file'],
  ['.', 'file'],
  ['..', 'file'],
  ['x/..', 'file'],
  ['', 'file'],
  ['a"b\r\nc\u007f', 'abc'],
  ['n'.repeat(300), 'n'.repeat(256)],
])('of the name %j is shown what is no path and no header', (filename, shown) => {
  expect(fileBody({ ...facts, filename }).filename).toBe(shown);
});

test('a file goes when its time is over, with its bytes, and not before', () => {
  using store = new Store();
  const kept = fileBody({ ...facts, filename: 'a' });
  putFile(store, 't', kept, [Uint8Array.of(1), Uint8Array.of(2, 3)]);
  putFile(store, 't', { ...kept, id: 'file-2', expires_at: 200 }, [Uint8Array.of(4)]);
  expect(store.purge(199)).toBe(0);
  expect(getFile(store, 't', 'file-2').expires_at).toBe(200);
  expect(store.purge(200)).toBe(1);
  expect(() => getFile(store, 't', 'file-2')).toThrow('no file has the id file-2');
  expect(store.blobs.read({ tenant: 't', owner: 'file-2' })).toHaveLength(0);
  expect([...store.blobs.read({ tenant: 't', owner: 'file-1' })]).toEqual([1, 2, 3]);
});

test('a file of another tenant is none, and stays', () => {
  using store = new Store();
  putFile(store, 't', fileBody({ ...facts, filename: 'a' }), [Uint8Array.of(1)]);
  expect(() => deleteFile(store, 'u', 'file-1')).toThrow('no file');
  deleteFile(store, 't', 'file-1');
  expect(store.blobs.read({ tenant: 't', owner: 'file-1' })).toHaveLength(0);
});

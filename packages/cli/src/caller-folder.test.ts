import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { callerFolder } from './caller-folder.ts';

const ROOT = '/clone';
const SCRIPT = {
  INIT_CWD: tmpdir(),
  npm_package_json: `${ROOT}/package.json`,
  npm_package_name: 'wafer',
  npm_lifecycle_event: 'wafer',
};

test('a script of the clone works where its caller stands', () => {
  expect(callerFolder(SCRIPT, ROOT)).toBe(tmpdir());
});

test('who started it by a shell, from a script of another package or after a cd, stays', () => {
  expect(callerFolder({}, ROOT)).toBeUndefined();
  expect(callerFolder({ ...SCRIPT, npm_package_name: 'mine' }, ROOT)).toBeUndefined();
  expect(callerFolder({ ...SCRIPT, npm_lifecycle_event: 'test' }, ROOT)).toBeUndefined();
  expect(callerFolder(SCRIPT, `${ROOT}/sub`)).toBeUndefined();
  expect(callerFolder({ ...SCRIPT, INIT_CWD: '/no/such' }, ROOT)).toBeUndefined();
});

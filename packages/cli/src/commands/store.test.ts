import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runLine } from '../../scripts/run-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the log is shown in words, an entry that was broken as it is', async () => {
  await runLine(['keys', 'create', '--data', folder, '--tenant', 'acme']);
  await runLine(['keys', 'create', '--data', folder, '--tenant', 'acme']);
  const database = new DatabaseSync(join(folder, 'wafer.db'));
  database.exec(`UPDATE audit SET what = '{"broken' WHERE number = 2`);
  database.close();
  const { code, stdout } = await runLine(['audit', 'show', '--data', folder]);
  const [titles, first, second] = stdout.split('\n');
  expect({ code, titles }).toEqual({
    code: 0,
    titles: expect.stringMatching(/^number  time +action +by +of$/),
  });
  expect(first).toMatch(
    /^ +1  [\d-]+T[\d:]+Z  key\.create  operator  key key_\w+, tenant acme, role user$/,
  );
  expect(second).toMatch(/^ +2  [\d-]+T[\d:]+Z  \{"broken$/);
});

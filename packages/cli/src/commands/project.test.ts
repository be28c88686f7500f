import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runLine } from '../../scripts/run-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-project-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  const path = join(folder, 'file.json');
  writeFileSync(path, text);
  return path;
}

const ROUTING = ['project', 'mixtral', '--routing'];
const COUNTS = { model: 'x', expertCount: 8 };

test.each([
  [['project'], '{', 3, /CONFIG_INVALID: .*: the file is no JSON \(/],
  [['project'], '[]', 3, /the file is no JSON object, expected a JSON object/],
  [ROUTING, '{', 2, /--routing is .*; the file is no JSON \(/],
  [ROUTING, '{}', 2, /the file is none that --expert-profile writes\n$/],
  [ROUTING, JSON.stringify({ ...COUNTS, layers: [{}] }), 2, /the file is none that/],
  [ROUTING, JSON.stringify({ ...COUNTS, layers: [] }), 2, /expected counts of 8 experts/],
])('%j of a file that is none says so: %s', async (words, text, code, said) => {
  expect(await runLine([...words, fileOf(text)])).toEqual({
    ...{ code, stdout: '' },
    stderr: expect.stringMatching(said),
  });
});

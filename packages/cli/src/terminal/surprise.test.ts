import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runLine } from '../../scripts/run-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-surprise-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'data.txt');
writeFileSync(file, 'Once upon a time there was a girl who had a dog. '.repeat(40));

test.each([
  [['eval', 'stories', '--data', file, '--context', '16', '--rows', '2'], '32 of 32 tokens'],
  [['perplexity', 'synthetic:tiny', 'abcdefgh', '--window', '4'], '8 of 8 tokens'],
])('the bar of `wafer %s` ends with all, and not beyond', async (words, end) => {
  const { code, stderr } = await runLine(words, 80);
  expect({ code, last: stderr.match(/\d+ of \d+ tokens/g)?.at(-1) }).toEqual({
    code: 0,
    last: end,
  });
});

test('a chat of one token says one token', async () => {
  const { stderr } = await runLine(['chat', 'stories', 'x', '--max-tokens', '1']);
  expect(stderr).toMatch(
    /prompt 1 token, .*\ngenerated 1 token,|prompt 1 token, .* generated 1 token,/,
  );
});

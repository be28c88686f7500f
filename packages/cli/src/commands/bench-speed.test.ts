import { expect, test } from 'vitest';
import { runLine } from '../../scripts/run-line.ts';

test.each([
  'bench speed --types f31',
  'bench speed --tiles 1,x',
  'bench speed --batch 0',
  'bench speed --revectorize maybe',
  'bench speed --peer ollama',
  'calibrate --threads 0',
  'bench micro --rounds x',
  'bench host --max-tokens 1',
  'bench host --prompt-tokens 0',
])('%s is a slip of the user', async (line) => {
  const { code, stdout, stderr } = await runLine(line.split(' '));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/Expected/);
});

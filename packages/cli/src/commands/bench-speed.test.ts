import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { runCommandLine } from '../command-line.ts';
import { Terminal } from '../terminal.ts';

async function run(line: string): Promise<{ code: number; out: string; errors: string }> {
  const texts = ['', ''];
  const stream = (index: number): Writable =>
    new Writable({
      write(chunk, _encoding, done): void {
        texts[index] += String(chunk);
        done();
      },
    });
  const terminal = new Terminal({ out: stream(0), errors: stream(1) });
  const code = await runCommandLine(line.split(' '), terminal);
  return { code, out: texts[0]!, errors: texts[1]! };
}

test.each([
  'bench speed --types f31',
  'bench speed --tiles 1,x',
  'bench speed --batch 0',
  'bench speed --revectorize maybe',
  'bench speed --peer ollama',
  'calibrate --threads 0',
  'bench micro --rounds x',
])('%s is a slip of the user', async (line) => {
  const { code, out, errors } = await run(line);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(errors).toMatch(/Expected/);
});

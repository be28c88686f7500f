import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EXIT_CODES } from '@wafer/cli';
import { MAIN, temporaryFolder } from './cli-process.ts';

const PAGE = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');
const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const TRAINING = readFileSync(new URL('../../docs/training.md', import.meta.url), 'utf8');
/** The commands of both pages, in their order: later ones use what earlier ones wrote. */
const COMMANDS: [string, RegExp][] = [
  ['wafer init ./tiny', /^wrote folder \.\/tiny/],
  ['wafer run ./tiny "Once upon a time" --max-tokens 16', /./],
  ['wafer chat ./tiny', /^$/],
  ['wafer inspect ./tiny', /^parameters +94,528$/m],
  ['wafer plan ./tiny --grid 2x2 --dice 2x1', /^│ s0 ║ s0 │$/m],
  [
    'wafer quantize ./tiny ./tiny-q8.gguf --type q8_0',
    /^wrote \.\/tiny-q8\.gguf: .* bits a weight/,
  ],
  ['wafer perplexity stories "Once upon a time, there was a girl."', /^perplexity \d/],
  ['wafer logits ./tiny --tokens 256,79,110 --top 3 --greedy 4', /^\{"positions":\[/],
  ['wafer bench --quick', /traffic equals the plan/],
  ['wafer bench speculation --quick', /^edit +[\d.]+ +[\d.]+ +[\d.]+ +2 +40 +\d+ +\d+ +[\da-f]+$/m],
  [
    'wafer bench grammar --quick',
    /^passed (\d+); refused none; valid ones blocked in 0; .* in 0$/m,
  ],
  ['wafer bench serve --quick', /^0\.7 × capacity +[\d.]+ +8 +8 +0 +0 /m],
  ['wafer stress links --quick', /^tcp +all( +[\d,]+){6} +0$/m],
  ['wafer run "Once upon a time" --max-tokens 200 > story.txt', /^$/],
  [
    'wafer train stories --data story.txt --context 64 --batch 2 --steps 20 --out ./tuned',
    /^loss +0\.\d/m,
  ],
  ['wafer run ./tuned "Once upon a time" --max-tokens 16', /./],
  ['wafer tokenizer train story.txt --vocab 300 --out ./words', /: 300 tokens$/m],
  [
    'wafer train --layers 2 --width 64 --heads 2 --vocab 300 --tokenizer ./words --data story.txt --context 32 --batch 2 --steps 20 --out ./new',
    /^loss +5\.[2-6]/m,
  ],
];

test.each(COMMANDS)('`%s` works as its page shows it', (command, output) => {
  expect(PAGE + TRAINING).toContain(`\n${command}`);
  const program = join(folder.path, 'wafer');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(program, 0o755);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
    cwd: folder.path,
    env: { ...process.env, PATH: `${folder.path}${delimiter}${process.env['PATH'] ?? ''}` },
    encoding: 'utf8',
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(output);
});

test('the table of exit codes in docs/commands.md is the one that commands use', () => {
  const rows = [...PAGE.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
  expect(rows).toEqual(Object.values(EXIT_CODES));
});

import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EXIT_CODES } from '@wafer/cli';
import { MAIN, temporaryFolder } from './cli-process.ts';

const PAGE = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');
const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

/** The commands of docs/commands.md, in its order: later ones use what earlier ones wrote. */
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
];

/** Those of docs/training.md, taken from there; what each prints. */
const TRAINING = readFileSync(new URL('../../docs/training.md', import.meta.url), 'utf8');
const FIRST_STEPS = /^```sh\n([\s\S]*?)\n```$/m.exec(TRAINING)![1]!.split('\n');
const PRINTED = [/^$/, /^loss +0\.\d/m, /./, /: 300 tokens$/m, /^loss +5\.[2-6]/m];

test.each(COMMANDS)('`%s` works as docs/commands.md shows it', (command, output) => {
  expect(PAGE).toContain(`\n${command}`);
  runLine(command, output);
});

test.each(FIRST_STEPS.map((command, i) => [command, PRINTED[i]!] as const))(
  '`%s` works as docs/training.md shows it',
  runLine,
);

/** Types a command line into a shell; later ones see what earlier ones wrote. */
function runLine(command: string, output: RegExp): void {
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
}

test('the table of exit codes in docs/commands.md is the one that commands use', () => {
  const rows = [...PAGE.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
  expect(rows).toEqual(Object.values(EXIT_CODES));
});

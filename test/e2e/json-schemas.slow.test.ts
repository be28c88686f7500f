import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine, Terminal } from '@wafer/cli';
import { SYNTHETIC_SPECS, syntheticAdapter, writePeft } from '@wafer/models';
import { temporaryFolder } from './cli-process.ts';
import { faultsBy, schemaNames, schemaOf } from './json-schemas.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const DATA = at('data.txt');
/** In the place of a Python that has PyTorch. */
const PYTHON = `#!/bin/sh
echo '{"version":"9.1","blas":"generic","kernels":""}'
while read -r steps; do echo '{"ms":1}'; done
`;
beforeAll(() => {
  writeFileSync(DATA, 'Once upon a time there was a girl who had a dog. '.repeat(40));
  writeFileSync(at('python'), PYTHON, { mode: 0o755 });
  writePeft(at('poet'), syntheticAdapter(SYNTHETIC_SPECS['tiny']!, { rank: 4, seed: 1 }));
});
afterAll(() => folder[Symbol.dispose]());

const FORGED = ['--grid', '2x1', '--dice', '2x1', '--as', 'h100', '--link', 'nvlink4'];
const DATED = ['--data', DATA, '--context', '16'];
const QUICK = ['--quick', '--rounds', '1'];

/** Command lines in their order: the first writes what others read. */
const LINES: readonly (readonly string[])[] = [
  ['init', at('tiny')],
  ['quantize', at('tiny'), at('tiny.gguf'), '--type', 'q8_0'],
  ['export', at('tiny'), at('other.gguf')],
  ['export', 'synthetic:tiny', at('poet.gguf'), '--adapter', at('poet'), '--adapter-only'],
  ['run', 'synthetic:tiny', 'x', '--max-tokens', '3', '--adapter', `poet=${at('poet.gguf')}`],
  ['inspect', at('tiny.gguf')],
  ['inspect', 'synthetic:gpt-oss'],
  ['plan', 'synthetic:gpt-oss', ...FORGED],
  ['plan', 'synthetic:qwen3-moe', '--grid', '2x2'],
  ['run', 'synthetic:qwen3-moe', 'x', '--max-tokens', '3', '--logprobs', '2', ...FORGED],
  ['run', 'stories', 'x', '--max-tokens', '3', '--dtype', 'q8_0', '--stop', 'z'],
  ['chat', 'stories', 'x', '--max-tokens', '3'],
  ['logits', 'synthetic:qwen3-moe', '--text', 'x', '--kv', 'f16', ...FORGED],
  ['tokenize', 'stories', 'Once'],
  ['detokenize', 'stories', '1,300'],
  ['perplexity', 'stories', 'Once upon a time'],
  ['eval', 'stories', ...DATED, '--rows', '2'],
  ['list'],
  ['keys', 'create', '--data', at('state'), '--tenant', 'acme', '--days', '9'],
  ['keys', 'list', '--data', at('state')],
  ['audit', 'verify', '--data', at('state')],
  ['audit', 'show', '--data', at('state')],
  ['doctor'],
  ['project', 'llama-3.1-70b', '--vs', 'wse3@examples,h100x8', '--draft', '4', '--stream'],
  ['project', 'gpt-oss-20b', '--vs', 'h100x8,h100x8p2', '--experts', 'auto', '--chunk', '256'],
  [
    'project',
    'sweep',
    '--models',
    'llama-3.1-8b',
    '--machines',
    'wse3,h100x1',
    '--types',
    'fp8',
    '--chunks',
    '0,256',
  ],
  ['validate'],
  ['calibrate', ...QUICK],
  ['bench', 'micro', ...QUICK, '--filter', 'linear f32'],
  ['bench', 'speed', ...QUICK, '--no-extras', '--batch', '1', '--cache', at('cache')],
  ['bench', 'interconnect', 'synthetic:tiny', '--chips', '2'],
  ['bench', 'scaling', 'synthetic:tiny'],
  ['bench', 'sweep', 'synthetic:tiny', '--cells', '2'],
  ['bench', 'speculation', ...QUICK],
  ['bench', 'adapters', ...QUICK],
  ['bench', 'train', ...QUICK, '--peer', '--python', at('python')],
  ['bench', 'grammar', '--quick'],
  ['bench', 'host', ...QUICK, '--tiles', '2'],
  [
    ...['train', 'stories', ...DATED, '--valid', DATA, '--out', at('out'), '--steps', '2'],
    ...['--checkpoint-every', '1'],
  ],
];

/** Whose output is long in the making: files that hold theirs to the schema in passing. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  bench: 'cli-bench.slow.test.ts',
  'bench-serve': 'cli-bench-serve.slow.test.ts',
  'bench-compare': 'cli-models.slow.test.ts',
  'stress-fabric': 'cli-stress.slow.test.ts',
  'stress-links': 'cli-stress.slow.test.ts',
  'keys-rotate': 'cli-serve.slow.test.ts',
  pull: 'cli-pull.slow.test.ts',
};

test('every schema is held by a command that runs', () => {
  const held = new Set([...LINES.map(schemaOf), ...Object.keys(ELSEWHERE)]);
  expect([...held].toSorted()).toEqual(schemaNames().toSorted());
  for (const file of Object.values(ELSEWHERE)) {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    expect(text).toMatch(/runCliJson\(|faultsBy\(/);
  }
});

test.each(LINES.map((words) => ({ words, line: words.join(' ').replaceAll(at(''), '') })))(
  'what `wafer $line --json` prints is as its schema says',
  async ({ words }) => {
    const { code, out, said } = await run([...words, '--json']);
    expect(code, said).toBe(0);
    const printed = out.trimEnd().split('\n');
    expect(printed.length).toBe(words[0] === 'train' ? 4 : 1);
    const faults = printed.flatMap((line) => faultsBy(schemaOf(words), JSON.parse(line)));
    expect(faults).toEqual([]);
  },
);

/** Runs a command line in this process. */
async function run(words: readonly string[]): Promise<{ code: number; out: string; said: string }> {
  const texts = { out: '', said: '' };
  const into = (name: 'out' | 'said'): Writable =>
    new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        texts[name] += text;
        done();
      },
    });
  const terminal = new Terminal({ out: into('out'), errors: into('said') });
  return { code: await runCommandLine(words, terminal), ...texts };
}

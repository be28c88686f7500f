import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runLine } from '../scripts/run-line.ts';
import { wrapHelp } from './texts/help-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['rnu', 2, /^wafer: unknown command 'rnu'\n\(Did you mean run\?\)\nSee wafer --help\.\n$/],
  ['run m p --grd 2x1', 2, /'--grd'\n\(Did you mean --grid\?\)\nSee wafer run --help\.\n$/],
  ['chat', 2, /missing required argument 'model'/],
  ['logits m', 2, /give --tokens or --text/],
  ['plan synthetic:tiny --grid 0x4', 2, /'--grid <WxH>'.*Expected COLUMNSxROWS/],
  ['plan synthetic:tiny --stages 0', 2, /Expected a whole number from 1 on/],
  ['plan synthetic:tiny --sram much', 2, /Expected bytes, as 50331648 or 48MiB/],
  ['plan synthetic:tiny --plan best', 2, /Allowed choices are column, megatron/],
  ['run m p --temperature hot', 2, /Expected a number/],
  ['run m p --logprobs 2', 2, /^wafer: --logprobs needs --json\n$/],
  ['logits m --tokens 1,,2', 2, /Expected token ids apart by commas/],
  ['init PATH --dtype q8_0', 2, /safetensors cannot hold q8_0/],
  ['init PATH --family gpt-oss --shape tiny', 2, /--family.*cannot be used with.*--shape/],
  ['init PATH --family glm4 --width 100', 2, /--width 100 is no multiple of 96/],
  ['inspect PATH/absent', 3, /^wafer: MODEL_NOT_FOUND: .*absent/],
  ['run synthetic:2m hi', 3, /^wafer: SYNTHETIC_UNKNOWN: /],
  ['plan synthetic:tiny --sram 100KiB', 4, /^wafer: PLAN_SRAM: .*fits on/],
  [
    'plan synthetic:tiny --threads 9 --grid 2x1',
    2,
    /^wafer: PLAN_OPTION: --threads is 9; expected/,
  ],
  [
    'plan synthetic:tiny --as rtx4090',
    2,
    /^wafer: PLAN_OPTION: --as is rtx4090; expected one of wse3, a100, h100, b200\n$/,
  ],
  ['project llama-3.1-8b --vs h1000', 2, /: machine is h1000; expected one of/],
  ['project llama-3.1-9b', 2, /: model is llama-3.1-9b; .*\n\(Did you mean llama-3.1-8b\?\)\n$/],
  ['plan synthetic:tiny --as h10', 2, /\n\(Did you mean h100\?\)\n$/],
  ['project llama-3.1-8b --vs h10x16p2', 2, /\n\(Did you mean h100\?\)\n$/],
  ['project llama-3.1-8b --on wsr3x2@paper', 2, /\n\(Did you mean wse3\?\)\n$/],
  ['project llama-3.1-8b --on wse3@exampels', 2, /\n\(Did you mean examples\?\)\n$/],
  ['project llama-3.1-8b --vs h100x0', 2, /machine is h100x0; .*\n$/],
  ['project llama-3.1-8b --experts auto', 2, /: model is llama-3.1-8b; expected one with experts/],
  ['inspect storis', 3, /\n\(Did you mean stories\?\)\n$/],
  ['inspect synthetic:tinny:q8_0', 3, /\n\(Did you mean synthetic:tiny\?\)\n$/],
  ['inspect ./scripts', 3, /no model at \.\/scripts; .*\n$/],
  ['inspect scripts/', 3, /no model at scripts\/; .*\n$/],
  ['inspect packages/cli/../cor', 3, /\n\(Did you mean packages\/cli\/\.\.\/core\?\)\n$/],
  ['inspect ./packagess', 3, /\n\(Did you mean \.\/packages\?\)\n$/],
  ['inspect synthetic:huge', 3, /f8_e5m2, .*\n$/],
  ['bench nothing', 2, /no model and no command nothing\. Commands are speed, serve, /],
  ['bench storis', 2, /Did you mean wafer bench stories\?\n$/],
  ['plan synthetic:tiny --context 10000', 2, /^wafer: PLAN_OPTION: --context is 10000/],
  ['plan synthetic:tiny --trace x', 2, /unknown option '--trace'/],
  ['plan synthetic:tiny --link tcp', 2, /--link does nothing without --dice/],
  ['run synthetic:tiny x --top-p 2 --temperature 1', 2, /REQUEST_INVALID: --top-p is 2/],
  ['run synthetic:tiny x --top-k 3', 2, /--top-k does nothing at temperature 0/],
  ['bench compare', 2, /did you mean wafer bench --compare RUN RUN/],
  ['run synthetic:absent x --regex (', 2, /^wafer: GRAMMAR_INVALID: /],
  ['help bench spede', 2, /^wafer: no command bench spede; did you mean speed\?\n$/],
  ['inspect ', 2, /^wafer: the name of the model is empty\n$/],
  ['run synthetic:tiny x --trace PATH/absent/t.json', 5, /no such file or folder \(ENOENT\)/],
  ['run synthetic:tiny --file PATH', 2, /^wafer: --file .*: it is a folder \(EISDIR\)\n$/],
  ['serve --config PATH/absent.ts', 2, /--config .*absent\.ts: no such file; check the path\n$/],
  ['detokenize stories a,b', 2, /^wafer: ids 'a,b' is invalid\. Expected token ids/],
  ['logits m --tokens 1 --text x', 2, /give --tokens or --text, not both/],
  ['plan synthetic:tiny --grid 2x1 --dice 2x1 --link foo', 2, /Expected port, unix, tcp, nvlink3/],
  ['calibrate --threads 9999', 2, /--threads 9999: at most \d+ say something/],
  [
    'tokenizer train PATH/absent --out PATH/t',
    2,
    /^wafer: DATA_UNREADABLE: .*absent: no such file/,
  ],
  ['eval stories --data PATH/a.csv', 2, /DATA_UNREADABLE: .*ends in none of .*check the path\n$/],
  [
    'validate --against PATH/absent',
    2,
    /^wafer: cannot use .*absent: no such file or folder \(ENOENT\); check/,
  ],
  ['help nope', 2, /^wafer: no command nope; wafer --help lists all\n$/],
  ['run', 2, /the prompt is missing, as in wafer run "Once/],
  ['serve stories --port 99999', 2, /Expected a port from 0 to 65535/],
  ['detokenize stories 1,99999', 2, /token 99999 at position 1 is outside/],
  [
    'eval stories --data PATH/absent.txt',
    2,
    /^wafer: DATA_UNREADABLE: .*absent\.txt: no such file/,
  ],
  [
    'restore PATH/absent --data PATH/state',
    2,
    /^wafer: no file .*absent; give one of wafer backup/,
  ],
  ['bench spede', 2, /Did you mean wafer bench speed\?/],
  ['bench speed --round 2', 2, /See wafer bench speed --help\./],
  ['bench micro --filter=', 2, /--filter needs some text/],
  ['chip --listen 127.0.0.1:0', 2, /^wafer: WAFER_SECRET is not set; /],
  ['plan synthetic:tiny --stages 3 --grid 3x1', 4, /^wafer: PLAN_GRID: .*3 stages, 2 layers/],
  ['init PATH/file/model', 5, /^wafer: OUTPUT_FAILED: .*ENOTDIR/],
  ['project llama-3.1-8b --html PATH/absent/x.html', 5, /ENOENT\); check path, space and perm/],
  ['project sweep --out PATH', 5, /^wafer: OUTPUT_FAILED: .*: it is a folder/],
  // Node's own way of making folders never comes back from there.
  ['keys create --tenant a --data /proc/none', 5, /^wafer: OUTPUT_FAILED: .*none/],
])('`%s` ends with %i and says why', async (line, exitCode, message) => {
  writeFileSync(join(folder, 'file'), '');
  const { code, stdout, stderr } = await runLine(line.replaceAll('PATH', folder).split(' '));
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  expect(stderr).toMatch(message);
});

test('help on a terminal has no line that is wider, and every word', async () => {
  const words = ['run', '--help'];
  const { stdout: plain } = await runLine(words);
  for (const columns of [40, 80, 120]) {
    const { stdout } = await runLine(words, columns);
    const wide = stdout.split('\n').filter((line) => line.length > columns);
    expect(wide).toEqual([]);
    // A list in one word goes on behind a comma.
    expect(stdout.replaceAll(/\s/g, '')).toBe(plain.replaceAll(/\s/g, ''));
  }
  const prose = 'Usage:\n\nA model is a folder,\nor a name.\n\nExamples:\n  wafer x   to see\n';
  const wrapped = 'Usage:\n\nA model is a folder,\nor a name.\n\nExamples:\n  wafer x   to see\n';
  expect(wrapHelp(prose, 22)).toBe(wrapped);
  expect(wrapHelp('A model is a folder with\nfiles.\n', 20)).toBe(
    'A model is a folder\nwith files.\n',
  );
  // All of a list stand alike.
  const list = '  --a <n>   few words\n  --b <n>   more words than that\n';
  expect(wrapHelp(list, 30)).toBe(
    '  --a <n>\n      few words\n  --b <n>\n      more words than that\n',
  );
  expect(wrapHelp(list, 34)).toBe('  --a <n>   few words\n  --b <n>   more words than that\n');
  expect(wrapHelp('  --a <n>   few words that are more\n', 34)).toBe(
    '  --a <n>   few words that are\n            more\n',
  );
  expect(wrapHelp('  wafer run ./tiny --grid 2x1\n', 24)).toBe(
    '  wafer run ./tiny\n      --grid 2x1\n',
  );
});

test('help on a command of a command is its own', async () => {
  const [asked, own] = [
    await runLine(['help', 'bench', 'micro']),
    await runLine(['bench', 'micro', '--help']),
  ];
  expect(asked).toEqual(own);
  expect(asked.stdout).toContain('Usage: wafer bench micro');
});

test('without a command, the help goes to standard error; asked for, it is a result', async () => {
  const nothing = await runLine([]);
  expect(nothing).toMatchObject({ code: 2, stdout: '' });
  expect(nothing.stderr).toContain('Usage: wafer');
  const help = await runLine(['plan', '--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  for (const part of ['--dice <WxH|kerfs>', 'Wafer:']) expect(help.stdout).toContain(part);
  expect((await runLine(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('every command has examples of itself', async () => {
  for (const name of ['run', 'inspect', 'plan', 'logits', 'bench', 'init']) {
    const { stdout } = await runLine([name, '--help']);
    expect(stdout).toMatch(new RegExp(`\nExamples:\n +.*wafer ${name}\\b`));
  }
});

test('a large grid is summarized', async () => {
  const { stdout } = await runLine(['plan', 'synthetic:tiny', '--grid', '16x5', '--dice', '4x5']);
  expect(stdout.match(/^\(\d+,\d+\)/gm)).toHaveLength(32);
  expect(stdout).toContain('\n… and 48 more\n');
  // Pairs of chips are cut off, too, but counted.
  expect(stdout.match(/^chip \d+ > chip \d+/gm)).toHaveLength(16);
  expect(stdout).toMatch(/^all +[\d,]+ +[\d,]+ +[\d,]+$/m);
});

test('a Megatron plan marks what it cuts by columns', async () => {
  const { stdout } = await runLine('plan synthetic:tiny --plan megatron --grid 2x1'.split(' '));
  expect(stdout).toMatch(/^\(1,0\) +0 +0-1 +2-3 +1 +c32-63 +64-95 +c64-95 /m);
});

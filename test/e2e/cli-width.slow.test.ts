/**
 * No line that a command prints on a terminal is wider than it: each command, at 40, 80 and 120
 * columns, in this process; a few on a real pseudo-terminal, with the threads and bars they have
 * there. A new command needs its line in `cli-lines.ts`, says a test beside the commands.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { runCommandLine, Terminal } from '@wafer/cli';
import { SYNTHETIC_SPECS, syntheticAdapter, writeModel, writePeft } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DEAR, LINES, WIDTHS } from './cli-lines.ts';
import { MAIN, temporaryFolder } from './cli-process.ts';
import { HubServer } from './hub-server.ts';
import { hasPseudoTerminal } from './pseudo-terminal.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const keys: string[] = [];
let hub: HubServer;

beforeAll(async () => {
  vi.stubEnv('WAFER_MODELS', at('models'));
  writeFileSync(at('data.txt'), 'Once upon a time there was a girl who had a dog. '.repeat(40));
  const question = { prompt: 'Is it?', choices: [' yes', ' no'], answer: 0 };
  writeFileSync(at('questions.jsonl'), `${JSON.stringify(question)}\n`);
  writePeft(at('poet'), syntheticAdapter(SYNTHETIC_SPECS['tiny']!, { rank: 4, seed: 1 }));
  hub = await new HubServer().start();
  const path = at('source');
  writeModel({ model: await openModel('synthetic:tiny'), format: 'safetensors', path });
  for (const name of readdirSync(path)) hub.files.set(name, readFileSync(join(path, name)));
  for (const _ of WIDTHS) {
    const line = 'keys create --data @/state --tenant acme --days 9 --json';
    keys.push((JSON.parse((await shownBy(line, 80)).text) as { id: string }).id);
  }
});
afterAll(() => {
  hub.close();
  vi.unstubAllEnvs();
  folder[Symbol.dispose]();
});

interface Shown {
  code: number | null;
  text: string;
  /** In the end; what a bar has drawn over counts one by one: none of its states may wrap. */
  lines: string[];
}

const linesIn = (text: string): string[] => stripVTControlCharacters(text).split(/[\r\n]+/);

/** What a line shows on a terminal of this width that this process has made up. */
async function shownBy(line: string, width: number): Promise<Shown> {
  const words = line.split(' ').map((word) =>
    word
      .replace('@/', `${folder.path}/`)
      .replace('@key', keys[WIDTHS.findIndex((each) => each === width)] ?? '')
      .replace('@hub', hub.endpoint),
  );
  const [out, errors] = [new ShownStream(width), new ShownStream(width)];
  const code = await runCommandLine(words, new Terminal({ out, errors }));
  return { code, text: out.text, lines: linesIn(`${out.text}\n${errors.text}`) };
}

/** Keeps what is written to it. */
class ShownStream extends Writable {
  readonly isTTY = true;
  readonly columns: number;
  text = '';

  constructor(columns: number) {
    super({ decodeStrings: false });
    this.columns = columns;
  }

  override _write(chunk: string, _encoding: unknown, done: () => void): void {
    this.text += chunk;
    done();
  }
}

function expectNoneWider({ code, lines }: Shown, width: number): void {
  expect(code, lines.join('\n')).toBe(0);
  // A key is one word, to be copied whole.
  const isKey = (line: string): boolean => /^wk_[\w-]+$/.test(line);
  expect(lines.filter((line) => line.length > width && !isKey(line))).toEqual([]);
}

const CASES = Object.values(LINES)
  .flat()
  .flatMap((line) => WIDTHS.map((width) => ({ line, width })));

test.each(CASES)('no line of `wafer $line` is wider than $width', async ({ line, width }) => {
  expectNoneWider(await shownBy(line, width), width);
});

test.each(DEAR)('no line of %s is wider than its terminal: `wafer %s` at %i', async (...given) => {
  const [, line, width] = given;
  expectNoneWider(await shownBy(line, width), width);
});

test.skipIf(!hasPseudoTerminal).each([
  ['plan synthetic:tiny --grid 4x2 --dice 2x1', 40],
  ['run synthetic:15m:f32 x --max-tokens 2 --temperature 0', 40],
  ['stress links --quick', 40],
])('the same on a terminal of the system: `wafer %s` at %i', (line, width) => {
  const words = line.replace('@/', `${folder.path}/`);
  const shell = `stty cols ${width} rows 50; exec '${process.execPath}' '${MAIN}' ${words}`;
  const { status: code, stdout: text } = spawnSync('script', ['-qec', shell, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm' },
    cwd: folder.path,
  });
  expectNoneWider({ code, text, lines: linesIn(text) }, width);
  expect(text).toMatch(/\r\n/);
});

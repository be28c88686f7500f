import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { MAIN } from './cli-process.ts';
import { hasPseudoTerminal } from './pseudo-terminal.ts';

const COMMANDS = [
  'plan synthetic:tiny --grid 4x2 --dice 2x1',
  'plan synthetic:qwen3-moe --grid 2x2',
  'inspect synthetic:110m',
  'validate',
  'project llama-3.1-70b --vs h100x8,b200x8,groq',
  'bench interconnect synthetic:tiny --chips 2',
  'bench sweep synthetic:tiny',
];
const WIDTHS = [40, 80, 120];
const CASES = [
  ...COMMANDS.flatMap((command) => WIDTHS.map((width) => ({ command, width }))),
  // They measure for long, and their tables are those of the others: once each.
  { command: 'bench speed --quick --rounds 1', width: 40 },
  { command: 'bench --quick', width: 40 },
  { command: 'bench --quick', width: 80 },
  { command: 'calibrate --quick', width: 120 },
];

/** Lines that a terminal of this width has shown, in the end. */
function shownBy(command: string, width: number): { code: number | null; lines: string[] } {
  const line = `stty cols ${width} rows 50; exec '${process.execPath}' '${MAIN}' ${command}`;
  const { status, stdout } = spawnSync('script', ['-qec', line, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm' },
    cwd: process.env['TMPDIR'] ?? '/var/tmp',
  });
  const text = stripVTControlCharacters(stdout);
  // What a bar has drawn over counts one by one: none of its states may wrap.
  return { code: status, lines: text.split(/[\r\n]+/) };
}

test.skipIf(!hasPseudoTerminal).each(CASES)(
  'no line of `wafer $command` is wider than $width columns',
  ({ command, width }) => {
    const { code, lines } = shownBy(command, width);
    expect(code, lines.join('\n')).toBe(0);
    expect(lines.length).toBeGreaterThan(3);
    // What is said beside the result, wafer: …, is prose that a terminal wraps.
    const wide = lines.filter((line) => line.length > width && !line.startsWith('wafer: '));
    expect(wide).toEqual([]);
  },
);

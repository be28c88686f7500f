import { findModel, project } from '@wafer/timing';
import type { ProjectedType, Projection } from '@wafer/timing';
import { linesOf } from '@wafer/bench/common';
import { expect, test } from 'vitest';
import { likeLines, manyLines, publishedLines, widerLines } from './project-likes.ts';
import {
  causeLines,
  costTable,
  placeLines,
  ratioLines,
  residencyTable,
  speedTable,
  trustLines,
} from './project-screen.ts';
import { speculationLines, speculationOf } from './project-speculation.ts';
import { pageWords } from './project-words.ts';
import { workLines } from './project-work.ts';

const MACHINES = ['wse3', 'h100x8', 'b200x8', 'groq'];

function work(name: string, batch: number, type: ProjectedType): Parameters<typeof project>[0] {
  return { shape: findModel(name), type, batch, contextTokens: 1024, promptTokens: 1024 };
}

function screenOf(name: string, batch = 1, type: ProjectedType = 'bf16'): string[] {
  const found: Projection[] = MACHINES.map((machine) => project(work(name, batch, type), machine));
  const lines = [
    ...placeLines(found, batch),
    residencyTable(found),
    ...speedTable(found, batch),
    ...ratioLines(found, batch),
    ...publishedLines(name, work(name, batch, type), found),
    ...costTable(found),
    ...likeLines(found, batch),
    ...manyLines(work(name, batch, type), MACHINES, [64]),
    ...causeLines(found),
    ...trustLines(found),
  ];
  return linesOf(lines, 100);
}

test('what a cause is stands beside it, each on a line of its own', () => {
  const lines = screenOf('llama-3.1-8b');
  expect(lines).toContain('mesh hops               PEs that those sums pass');
  expect(lines).toContain('wire                    bytes between GPUs at the rate of the link');
});

test('no line of the first screen is wider than 100 columns or holds what is no figure', () => {
  for (const name of ['llama-3.1-8b', 'llama-4-scout', 'gpt-oss-120b', 'qwen3-235b-a22b']) {
    for (const batch of [1, 64]) {
      for (const line of screenOf(name, batch)) {
        expect(line.length, line).toBeLessThanOrEqual(100);
        expect(line).not.toMatch(/NaN|undefined|Infinity/);
      }
    }
  }
});

const text = (name: string, batch?: number, type?: ProjectedType): string =>
  screenOf(name, batch, type).join(' ').replaceAll(/\s+/g, ' ');

test('a published speed stands beside its model, outside of a range where it is', () => {
  expect(text('llama-4-scout')).toMatch(/2600, speculation not stated: 3.9 times .* OUTSIDE/);
  expect(text('llama-3.1-8b')).toMatch(/1800 to 1837, without speculation: 1.0 times .* inside/);
  expect(text('llama-3.1-8b')).toContain('inside its range; it set a constant of it: no check');
  // With guesses it is no range that it lies outside of, but what they have to give.
  expect(text('llama-3.1-70b')).toMatch(/with speculation: 4.7 times .* which it would have to/);
  expect(text('llama-3.1-8b', 64)).toContain('not compared with users of a batch');
  expect(text('llama-3.1-8b', 1, 'fp8')).toContain('in 16 bits, not compared with fp8');
  expect(text('gpt-oss-120b')).toContain('none in the tables of this project');
  expect(text('llama-3.1-8b')).toContain('the same rows set the crossing taken here');
});

test('types are those of each machine, and a ratio across them is not like for like', () => {
  expect(text('gpt-oss-120b')).toMatch(/wse3x2 .*bf16, experts 4.25 bits/);
  expect(text('llama-3.1-8b', 1, 'fp8')).toMatch(/h100x8 8 resident fp8, head bf16/);
  expect(text('llama-3.1-8b')).toContain('not like for like: bf16 against int8');
  expect(text('llama-3.1-8b')).toContain('no verdict on one constant');
});

test('fewer bits on fewer wafers say what as many wafers as before would give', () => {
  const asked = work('llama-3.1-70b', 1, 'fp8');
  const [line] = widerLines(asked, [project(asked, 'wse3')]);
  expect(line).toMatch(/^wse3x2: in fp8 it fits 2; on 4, as in bf16, .* 450 tokens\/s/);
  expect(widerLines(work('llama-3.1-70b', 1, 'bf16'), [project(asked, 'wse3')])).toEqual([]);
});

test('with a batch the screen tells each user his share, and which sequences wait', () => {
  const told = text('llama-3.1-8b', 64);
  // The title is on three lines, between others.
  expect(told).toMatch(/tokens\/s of range of all .* each of 64 token request users/);
  expect(told).toMatch(/of 64 sequences \d+ are on their way through 33 regions/);
  expect(told).toContain('groq: batches are not modeled');
});

test('power is that of systems on both sides, and is not compared with chips alone', () => {
  const told = text('llama-3.1-8b');
  expect(told).toMatch(/With one user alone on each, wse3 gives .* to .* \(about 2.2\) times/);
  expect(told).toMatch(/the tokens of h100x8 at equal power of systems, by nameplate; at equal/);
  expect(told).toMatch(/at equal silicon .* to .* \(about/);
  expect(text('llama-3.1-70b', 64)).toContain('With 64 users on each, wse3x5 gives');
  expect(told).toContain('Power against groq: chips alone on one side, not compared');
});

test('wafers that idle are named, and where nothing is timed no table stands empty', () => {
  const on = (machine: string, context = 1024): string => {
    const asked = { ...work('llama-3.1-70b', 1, 'bf16'), contextTokens: context };
    const found = [project(asked, machine)];
    const all = [...placeLines(found, 1), residencyTable(found), ...speedTable(found, 1)];
    return linesOf([...all, ...costTable(found), ...causeLines(found)], 200).join('\n');
  };
  expect(on('wse3x8')).toContain('4 of 8 wafers, the others idle');
  const refused = on('wse3x2');
  expect(refused).toMatch(/^wse3x2 = 2 x .*\nwse3x2: .* 4 wafers hold it/);
  expect(refused).not.toMatch(/tokens\/s|us of a token|Systems hold/);
});

test('a context beyond the model, and arithmetic that a machine has not, are said', () => {
  const asked = work('qwen3-235b-a22b', 1, 'fp4');
  const found = ['h100x8', 'b200x8'].map((machine) => project(asked, machine));
  const long = workLines('q', { ...asked, contextTokens: 131_072 }, found).join(' ');
  expect(long).toContain('with 131,072 before. That is more than the 40,960 positions');
  expect(long).toContain('h100x8: no arithmetic in fp4 is known');
  expect(long).not.toContain('b200x8');
  const short = workLines('q', { ...asked, type: 'bf16' }, found).join(' ');
  expect(short).not.toMatch(/That is|arithmetic/);
});

test('speculation says what it assumes, and nothing of a machine whose check is not known', () => {
  const asked = { ...work('llama-3.1-8b', 1, 'bf16'), draftTokens: 4 };
  const found = ['wse3', 'h100x8', 'groq'].map((machine) => project(asked, machine));
  const told = speculationLines(found, speculationOf(4, 0.75)!).join('\n');
  expect(told).toMatch(/0.75 of each kept \(assumed\): 3.05 tokens a check of 5 rows/);
  expect(told).toMatch(/wse3: a check takes 1.\d\d times a token: x1.\d to x2.\d/);
  expect(told).toContain('groq: a check of several rows is not known');
  expect(told).toContain('Checked nowhere');
});

test('screen and page say the clock of a wafer and where it is from', () => {
  const asked = work('llama-3.1-8b', 1, 'bf16');
  const found = ['wse3@power-capped', 'h100x8'].map((machine) => project(asked, machine));
  const line =
    'wse3@power-capped: a clock of 0.826 GHz ' +
    '(derived: 84 PFLOP/s at 90 % of peak on 64 CS-3, arXiv 2511.11542)';
  expect(placeLines(found, 1)).toContain(line);
  const told = pageWords('llama-3.1-8b', asked, { found, many: [], speculation: undefined });
  expect(told.places).toContain(line);
});

test('wafers that would take fewer bits keep their clock', () => {
  const asked = work('llama-3.1-70b', 1, 'fp8');
  const wider = (machine: string): string[] => widerLines(asked, [project(asked, machine)]);
  expect(wider('wse3')).toHaveLength(1);
  expect(wider('wse3@examples')).toHaveLength(1);
  expect(wider('wse3@examples')[0]).toContain('wse3x2@examples: in fp8 it fits 2; on 4');
  const speed = (line: string): number => Number(/: ([\d.]+) tokens/.exec(line)?.[1]);
  expect(speed(wider('wse3@examples')[0]!)).toBeLessThan(speed(wider('wse3')[0]!));
});

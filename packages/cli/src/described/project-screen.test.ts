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

const MACHINES = ['wse3', 'h100x8', 'b200x8', 'groq'];

function work(name: string, batch: number, type: ProjectedType): Parameters<typeof project>[0] {
  return { shape: findModel(name), type, batch, contextTokens: 1024, promptTokens: 1024 };
}

function screenOf(name: string, batch = 1, type: ProjectedType = 'bf16'): string[] {
  const found: Projection[] = MACHINES.map((machine) => project(work(name, batch, type), machine));
  const lines = [
    ...placeLines(found, batch),
    residencyTable(found),
    speedTable(found, batch),
    ...ratioLines(found, batch),
    ...publishedLines(name, found),
    ...costTable(found),
    ...likeLines(found),
    ...manyLines(work(name, batch, type), MACHINES, 64),
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
  // The title is on two lines.
  expect(told).toMatch(/tokens\/s of each of .* 64 users /);
  expect(told).toMatch(/of 64 sequences \d+ are on their way through 33 regions/);
  expect(told).toContain('groq: batches are not modelled');
});

test('power is that of systems on both sides, and is not compared with chips alone', () => {
  const told = text('llama-3.1-8b');
  expect(told).toMatch(/At equal power of systems, by nameplate, it gives 2.\d times .* h100x8/);
  expect(told).toContain('Power against groq: chips alone on one side, not compared');
});

import { findModel, project } from '@wafer/timing';
import { expect, test } from 'vitest';
import { projectPage } from './project-page.ts';
import type { ProjectTold } from './project-page.ts';
import { projectPicture } from './project-picture.ts';

const shape = findModel('llama-3.1-70b');
const work = { shape, type: 'bf16', contextTokens: 1024, promptTokens: 1024, batch: 1 } as const;
const TOLD: ProjectTold = {
  places: ['wse3x4 = 4 x Cerebras'],
  ratios: ['wse3x4 is 2 to 12 times h100x8'],
  published: ['Published for one user:', '  2024 CS-3 450 <b>'],
  likes: ['With one user alone on each'],
  meanings: 'wire: bytes between GPUs',
  speculation: [],
};

function pageOn(machines: readonly string[], batch = 1): string {
  const found = machines.map((machine) => project({ ...work, batch }, machine));
  return projectPage({ model: shape.name, work: ['asked'], machines: found, batch, told: TOLD });
}

test('a page says what the first screen says: types, first tokens, what is like for like', () => {
  const page = pageOn(['wse3', 'h100x8', 'groq']);
  for (const words of ['int8', 'ms to first token', 'wire: bytes between GPUs']) {
    expect(page).toContain(words);
  }
  expect(page).toContain('<li>wse3x4 is 2 to 12 times h100x8</li>');
  expect(page).toContain('<p>Published for one user:</p><ul><li>2024 CS-3 450 &lt;b&gt;</li></ul>');
  expect(page).toMatch(/<h1>.* 450 tokens\/s of one user, 2.2 to 12 times h100x8 \(about 5.1\)/);
  // Each assumed figure is a line of its own.
  expect(page.match(/<li>assumed: /g)!.length).toBeGreaterThanOrEqual(6);
});

test('with a batch a page tells each of the users, nowhere one alone', () => {
  const page = pageOn(['wse3', 'h100x8'], 64);
  expect(page).toMatch(/<h1>.*tokens\/s of each of 64 users/);
  expect(page.match(/tokens\/s of each of 64 users/g)).toHaveLength(3);
  expect(page).not.toContain('of one user');
});

test('charts of a page share one scale: a longer bar is a longer time on any machine', () => {
  const page = pageOn(['wse3', 'h100x8']);
  const whole = [...page.matchAll(/<rect class="mark c0" x="[\d.]+" width="([\d.]+)"/g)].map(
    ([, width]) => Number(width),
  );
  const [wafer, gpus] = ['wse3', 'h100x8'].map((name) => project(work, name).time!.tokenUs);
  // Wide and narrow, machine by machine.
  expect(whole[2]! / whole[0]!).toBeCloseTo(gpus! / wafer!, 1);
  expect(whole[3]! / whole[1]!).toBeCloseTo(gpus! / wafer!, 1);
});

test('panels of the picture share one scale: the first machine is as long in each', () => {
  const found = ['wse3', 'h100x8', 'b200x8'].map((machine) => project(work, machine));
  const drawn = projectPicture(shape.name, found)!;
  const whole = [...drawn.matchAll(/<rect class="mark c0" x="[\d.]+" width="([\d.]+)"/g)].map(
    ([, width]) => Number(width),
  );
  const [, h100, , b200] = whole;
  expect(whole).toHaveLength(4);
  expect(whole[2]).toBe(whole[0]);
  expect(h100! / b200!).toBeCloseTo(found[1]!.time!.tokenUs / found[2]!.time!.tokenUs, 1);
});

test('a page of refused machines has no empty charts', () => {
  const page = pageOn(['wse3x1', 'h100x1']);
  expect(page).toContain('fits none of these machines');
  expect(page).not.toMatch(/id="(causes|what-if|likes|trust)"/);
});

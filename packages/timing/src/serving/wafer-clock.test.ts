import { tryWaferFacts, WAFER_CLOCKS_HZ } from '@wafer/core';
import type { WaferClock } from '@wafer/core';
import { expect, test } from 'vitest';
import { project } from '../references/error-bars.ts';
import { readMachineName, waferName } from './machine-name.ts';
import { findModel } from './models.ts';
import type { ProjectedWork, Projection } from './projection.ts';

const CLOCKS = Object.keys(WAFER_CLOCKS_HZ) as WaferClock[];

function projected(machine: string, more: Partial<ProjectedWork> = {}): Projection {
  const shape = findModel('llama-3.1-70b');
  const sizes = { contextTokens: 1024, promptTokens: 1024, batch: 1 };
  return project({ shape, type: 'bf16', ...sizes, ...more }, machine);
}

test.each(CLOCKS)('at %s a wafer says so by name and source, and no other is assumed', (clock) => {
  for (const wafer of ['wse2', 'wse3']) {
    const { machine, clockHz, time } = projected(`${wafer}@${clock}`);
    expect(machine).toMatch(new RegExp(`^${wafer}x\\d+@${clock}$`));
    expect(clockHz).toEqual(WAFER_CLOCKS_HZ[clock]);
    expect(time!.swings.map(({ figure }) => figure)).not.toContain('clock');
    const isOther = clockHz!.value !== tryWaferFacts(wafer)!.clockHz.value;
    expect(time!.checked.includes('clock than 1.1 GHz: not checked anywhere')).toBe(isOther);
    // Asked again by the name that it says, it is the same.
    expect(projected(machine)).toEqual(projected(`${wafer}@${clock}`));
  }
});

test('what a wafer computes takes cycles, crossings do not', () => {
  for (const batch of [1, 64]) {
    const [own, slow] = ['wse3', 'wse3@examples'].map((machine) => projected(machine, { batch }));
    const cycles = (one: Projection): number[] =>
      (['arithmetic and memory', 'mesh collectives', 'mesh hops'] as const).map(
        (cause) => one.time!.causes[cause] * one.clockHz!.value,
      );
    for (const [i, count] of cycles(slow!).entries())
      expect(count / cycles(own!)[i]!).toBeCloseTo(1, 9);
    const crossings = 'crossings and the rest';
    expect(slow!.time!.causes[crossings]).toBe(own!.time!.causes[crossings]);
    expect(slow!.time!.ttftMs).toBeGreaterThan(own!.time!.ttftMs);
  }
});

test('where none is chosen the range goes to the least clock, and no further where one is', () => {
  const [own, paper, least] = ['wse3', 'wse3@paper', 'wse3@examples'].map(
    (machine) => projected(machine).time!,
  );
  expect(own!.tokenUs).toBe(paper!.tokenUs);
  expect(own!.swings.map(({ figure }) => figure)).toContain('clock');
  expect(own!.highUs).toBeGreaterThan(paper!.highUs);
  expect(own!.highUs).toBeCloseTo(least!.highUs, 6);
  expect(own!.lowUs).toBe(paper!.lowUs);
});

test('a clock that is no preset is refused by those that are, and GPUs have none', () => {
  expect(() => projected('wse3@fast')).toThrow('one of examples, paper, power-capped');
  expect(() => projected('wse3@')).toThrow('wse3@examples for a clock of wafers');
  for (const machine of ['h100x8@paper', 'groq@paper'])
    expect(() => projected(machine)).toThrow('wse3@examples for a clock of wafers');
});

test('names of wafers are read as they are written', () => {
  for (const name of ['wse2', 'wse3x4', 'wse3@power-capped', 'wse3x12@examples'])
    expect(waferName(readMachineName(name))).toBe(name);
});

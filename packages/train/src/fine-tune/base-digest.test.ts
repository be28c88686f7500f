import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSynthetic } from '@wafer/models';
import { modelDigest } from '@wafer/runtime/internal';
import { expect, onTestFinished, test } from 'vitest';
import { isBase, noteBase } from './base-digest.ts';

test('a job knows its base by a digest; where its note is broken or gone, it knows none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-base-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const model = openSynthetic('synthetic:tiny');
  const digest = modelDigest(model.source);
  expect(isBase(folder, digest)).toBe(false);
  noteBase(folder, model);
  expect([isBase(folder, digest), isBase(folder, `${digest}0`)]).toEqual([true, false]);
  expect(readdirSync(folder)).toEqual(['base.json']);
  writeFileSync(join(folder, 'base.json'), '{"model":"tiny","dig');
  expect(isBase(folder, digest)).toBe(false);
});

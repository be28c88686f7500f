import { expect, test } from 'vitest';
import { nearestOf } from './nearest-word.ts';

const KNOWN = ['speed', 'micro', 'interconnect', 'sweep', 'scaling'];

test.each([
  ['spede', 'speed'],
  ['sped', 'speed'],
  ['intreconect', 'interconnect'],
  ['scalling', 'scaling'],
])('%s is meant to be %s', (word, meant) => {
  expect(nearestOf(KNOWN, word)).toBe(meant);
});

test.each(['tiny', 'model', 'llama', 'stories', 'spee12', 'spxyd', 'mixyo'])(
  '%s is none of them',
  (word) => {
    expect(nearestOf(KNOWN, word)).toBeUndefined();
  },
);

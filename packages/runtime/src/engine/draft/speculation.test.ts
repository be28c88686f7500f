import { expect, test } from 'vitest';
import { Sequence } from '../sequence.ts';
import type { Drafter } from './drafter.ts';
import { LookupDrafter } from './lookup-drafter.ts';
import { Speculation } from './speculation.ts';

/** Guesses as many as it may. */
const eager: Drafter = {
  draft: (_tokens, _count, target, countMax) => {
    target.fill(1, 0, countMax);
    return countMax;
  },
};

function decoding(maxTokens = 1000): Sequence {
  const sequence = new Sequence({ id: 1, prompt: [1], maxTokens });
  sequence.isDecoding = true;
  return sequence;
}

/** One step, of whose guesses so many are right; how many there were. */
function step(speculation: Speculation, sequence: Sequence, right: number): number {
  sequence.dropDrafts();
  speculation.propose(sequence);
  const drafted = sequence.draftCount;
  sequence.plannedCount = sequence.pendingCount + drafted;
  const accepted = Math.min(right, drafted);
  speculation.learn(sequence, accepted);
  for (let i = 0; i <= accepted; i++) sequence.push(1);
  sequence.computedCount = sequence.tokenCount - 1;
  return drafted;
}

test('guesses double while all are right, are as many as were and one more, and halve', () => {
  const [speculation, sequence] = [new Speculation(eager), decoding()];
  const run = (right: number): number => step(speculation, sequence, right);
  expect([run(99), run(99), run(99), run(99), run(99)]).toEqual([4, 8, 16, 32, 32]);
  expect([run(5), run(6)]).toEqual([32, 6]); // five were right; then all six
  expect([run(0), run(3)]).toEqual([12, 6]);
  expect([speculation.draftedCount, speculation.acceptedCount]).toEqual([148, 106]);
});

test('after two steps without a right guess there is a pause, which is longer after more', () => {
  const [speculation, sequence] = [new Speculation(eager), decoding()];
  const run = (count: number, right = 0): number[] =>
    Array.from({ length: count }, () => step(speculation, sequence, right));
  expect(run(2)).toEqual([4, 2]); // of one miss there is none
  expect(run(4)).toEqual([0, 0, 0, 1]);
  expect(run(8)).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  for (let i = 0; i < 15; i++) expect(run(1)).toEqual([0]);
  expect(run(1, 99)).toEqual([1]); // right: what was missed before is forgotten
  expect(run(2)).toEqual([2, 1]);
  expect(run(4)).toEqual([0, 0, 0, 1]);
});

test('no guess goes beyond the answer', () => {
  const [speculation, sequence] = [new Speculation(eager), decoding(4)];
  // Of four tokens the first is sure, and the last needs no step of its own.
  expect(step(speculation, sequence, 0)).toBe(3);
  expect([step(speculation, sequence, 0), sequence.draftCountMax]).toEqual([2, 1]);
});

test('what must come is guessed first, and teaches nothing about what may', () => {
  let isForced = true;
  const forced: Drafter = {
    draft: (...all) => (isForced ? eager.draft(...all) : 0),
  };
  const [speculation, sequence] = [new Speculation(eager, forced), decoding()];
  const run = (right: number): number => step(speculation, sequence, right);
  expect([run(99), run(2), run(99), run(0), run(0)]).toEqual([32, 32, 3, 32, 1]);
  isForced = false;
  expect(run(99)).toBe(4);
});

function lookup(tokens: readonly number[], drafter: LookupDrafter, countMax = 6): number[] {
  const target = new Int32Array(countMax);
  const count = drafter.draft(Int32Array.from(tokens), tokens.length, target, countMax);
  return [...target.subarray(0, count)];
}

test('three tokens that came before are followed by what followed them, again and again', () => {
  expect(lookup([1, 2, 3, 9, 1, 2, 3], new LookupDrafter(1))).toEqual([9, 1, 2, 3, 9, 1]);
  expect(lookup([1, 2, 3, 9, 4, 2, 3], new LookupDrafter(1))).toEqual([]);
  expect(lookup([1, 2], new LookupDrafter(1))).toEqual([]);
  // The last of several places counts.
  expect(lookup([1, 2, 3, 7, 1, 2, 3, 8, 1, 2, 3], new LookupDrafter(1), 2)).toEqual([8, 1]);
});

test('a prediction is followed from its start, left where it was wrong, and met again', () => {
  const prediction = Array.from({ length: 12 }, (_, i) => 50 + i);
  const drafter = new LookupDrafter(2, prediction);
  const said = [1, 2];
  const next = (...tokens: number[]): number[] => {
    said.push(...tokens);
    return lookup(said, drafter, 3);
  };
  expect(next()).toEqual([50, 51, 52]);
  expect(next(50, 51)).toEqual([52, 53, 54]);
  next(99);
  expect(next(55, 56, 57)).toEqual([58, 59, 60]);
  expect(next(58, 59, 60)).toEqual([61]);
});

test('three tokens whose hash is that of three others are not those', () => {
  // As the hash mixes: of what differs before, the last token can make up for all.
  const factor = 0xcc9e2d51;
  let inverse = factor;
  for (let i = 0; i < 5; i++) inverse = Math.imul(inverse, 2 - Math.imul(factor, inverse));
  const mixed = (tokens: readonly number[]): number =>
    tokens.reduce((hash, token) => {
      const next = hash ^ Math.imul(token, factor);
      return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
    }, 0);
  const twin = Math.imul(mixed([1, 2]) ^ mixed([4, 5]) ^ Math.imul(3, factor), inverse);
  expect(mixed([4, 5, twin])).toBe(mixed([1, 2, 3]));
  expect(lookup([1, 2, 3, 9, 4, 5, twin], new LookupDrafter(1))).toEqual([]);
  expect(lookup([4, 5, twin, 9, 4, 5, twin], new LookupDrafter(1), 1)).toEqual([9]);
});

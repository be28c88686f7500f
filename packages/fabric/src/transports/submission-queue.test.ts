import { expect, test } from 'vitest';
import { createDoorbells, Doorbell } from '../doorbell.ts';
import { createSubmissionQueue, SubmissionReader, SubmissionWriter } from './submission-queue.ts';

test.each([1, 2, 3, 5, 8, 9])('a queue of %i channels holds a submission of each', (count) => {
  const queue = createSubmissionQueue(count);
  const writer = new SubmissionWriter(queue, new Doorbell(createDoorbells(1), 0));
  const reader = new SubmissionReader(queue);
  for (let round = 0; round < 4; round++) {
    expect(reader.hasSubmission).toBe(false);
    for (let channel = 0; channel < count; channel++) writer.post(channel + 10 * round);
    const taken: number[] = [];
    while (reader.hasSubmission) taken.push(reader.take());
    expect(taken).toEqual(Array.from({ length: count }, (_, channel) => channel + 10 * round));
  }
  expect(() => reader.take()).toThrow('a submission is there');
});

test('who waits for submissions is rung after one is there', async () => {
  const queue = createSubmissionQueue(2);
  const words = createDoorbells(1);
  const reader = new SubmissionReader(queue);
  const waits = new Doorbell(words, 0).rungUnless(() => reader.hasSubmission);
  new SubmissionWriter(queue, new Doorbell(words, 0)).post(1);
  await waits;
  expect(reader.take()).toBe(1);
});

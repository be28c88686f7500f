/**
 * Threads over windows for a long time: more threads than cores, random stalls, counters that wrap.
 */
import { stressFabric } from '@wafer/bench';
import { expect, test } from 'vitest';

test.each([
  { threads: 2, messages: 300_000 },
  { threads: 4, messages: 200_000 },
  { threads: 16, messages: 100_000 },
])('$threads threads pass $messages messages, and none is lost', async ({ threads, messages }) => {
  const result = await stressFabric({ threads, messages, seed: messages + threads });
  expect(result.messages).toBeGreaterThanOrEqual(messages);
  expect(result.sleeps).toBeGreaterThan(1000);
  console.log(JSON.stringify(result));
});

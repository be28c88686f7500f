import { Wafer } from '@wafer/runtime';
import { expect, test } from 'vitest';

test(
  'starting and closing again and again leaves no thread and no memory behind',
  { timeout: 120_000 },
  async () => {
    const cycle = async (): Promise<void> => {
      await using one = await Wafer.start({
        model: 'synthetic:tiny',
        grid: '1x1',
        contextTokens: 64,
      });
      for await (const _ of one.generate('a', { maxTokens: 1 })) void _;
    };
    for (let i = 0; i < 3; i++) await cycle();
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 12; i++) await cycle();
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 2 ** 20);
  },
);

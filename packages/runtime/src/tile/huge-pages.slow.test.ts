import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hugePageRefusal } from '../huge-page-access.ts';
import { Wafer } from '../wafer.ts';

const refusal = hugePageRefusal();
if (refusal !== undefined) console.warn(`SKIPPED: huge pages of chips (${refusal})`);

/** What of a process huge pages were asked for, and what lies in some, in KiB. */
function pagesOf(processId: number): { askedKib: number; hugeKib: number } {
  const found = { askedKib: 0, hugeKib: 0 };
  const text = readFileSync(`/proc/${processId}/smaps`, 'utf8');
  for (const mapping of text.split(/^(?=[\da-f]+-)/m)) {
    found.hugeKib += Number(/^AnonHugePages:\s+(\d+) kB$/m.exec(mapping)![1]);
    const size = Number(/^Size:\s+(\d+) kB$/m.exec(mapping)![1]);
    if (/^VmFlags:.* hg\b/m.test(mapping)) found.askedKib += size;
  }
  return found;
}

async function runCut(hugePages: boolean) {
  const cut = { grid: '2x1', dice: '2x1', link: 'unix' } as const;
  await using wafer = await Wafer.start({ model: 'synthetic:15m', ...cut, hugePages });
  const chips = wafer.processIds.map(pagesOf);
  const tokens: number[] = [];
  const options = { maxTokens: 8, temperature: 0 };
  for await (const { token } of wafer.generate([1, 5, 9], options)) tokens.push(token);
  return { tokens, chips };
}

test.skipIf(refusal !== undefined)(
  'chips ask for huge pages unless told, and have the same tokens',
  async () => {
    const plain = await runCut(false);
    const none = { askedKib: 0, hugeKib: 0 };
    expect(plain.chips).toEqual([none, none]);
    const { tokens, chips } = await runCut(true);
    for (const { askedKib, hugeKib } of chips) {
      expect(askedKib).toBeGreaterThanOrEqual(2048);
      // Where the system has no block at hand, those are plain pages after all.
      expect(hugeKib).toBeLessThanOrEqual(askedKib);
    }
    expect(tokens).toEqual(plain.tokens);
  },
);

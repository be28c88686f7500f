import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hugePageRefusal } from '../huge-pages.ts';
import { Wafer } from '../wafer.ts';

const refusal = hugePageRefusal();
if (refusal !== undefined) console.warn(`SKIPPED: huge pages of chips (${refusal})`);

/** What of a process lies in huge pages, in KiB. */
function hugeKibOf(processId: number): number {
  const text = readFileSync(`/proc/${processId}/smaps`, 'utf8');
  const found = [...text.matchAll(/^AnonHugePages:\s+(\d+) kB$/gm)];
  return found.reduce((sum, [, kib]) => sum + Number(kib), 0);
}

async function runCut(hugePages: boolean): Promise<{ tokens: number[]; hugeKib: number[] }> {
  const cut = { grid: '2x1', dice: '2x1', link: 'unix' } as const;
  await using wafer = await Wafer.start({ model: 'synthetic:15m', ...cut, hugePages });
  const hugeKib = wafer.processIds.map(hugeKibOf);
  const tokens: number[] = [];
  const options = { maxTokens: 8, temperature: 0 };
  for await (const { token } of wafer.generate([1, 5, 9], options)) tokens.push(token);
  return { tokens, hugeKib };
}

test.skipIf(refusal !== undefined)(
  'chips have huge pages unless told, and the same tokens',
  async () => {
    const plain = await runCut(false);
    expect(plain.hugeKib).toEqual([0, 0]);
    const { tokens, hugeKib } = await runCut(true);
    for (const kib of hugeKib) expect(kib).toBeGreaterThanOrEqual(2048);
    expect(tokens).toEqual(plain.tokens);
  },
);

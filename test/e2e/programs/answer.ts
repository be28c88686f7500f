/**
 * A program that embeds a wafer: starts it with the options of its argument, takes an answer, and
 * reaches its end without closing anything. Prints what it got, or the code of what was thrown.
 */
import { Wafer } from '@wafer/runtime';
import type { WaferOptions } from '@wafer/runtime';

const given = JSON.parse(process.argv[2] ?? '{}') as Partial<WaferOptions>;
try {
  const wafer = await Wafer.start({ model: 'synthetic:tiny', ...given });
  const ids: number[] = [];
  for await (const { token } of wafer.generate([1, 2, 3], { maxTokens: 3, temperature: 0 })) {
    ids.push(token);
  }
  process.stdout.write(`answered ${ids.length}\n`);
} catch (error) {
  const { code, message } = error as { code?: string; message?: string };
  process.stdout.write(`threw ${code} ${message}\n`);
}

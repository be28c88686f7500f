/**
 * What the tests of exactness share: small models, wafers of every shape, and their logits.
 */
import { Wafer } from '@wafer/runtime';
import type { Model, WaferOptions } from '@wafer/runtime';

/** Logits after each prompt token, as bits: [T] of [V]. */
export async function logitBits(
  wafer: Wafer,
  prompt: readonly number[],
  options: { adapter?: string } = {},
): Promise<Uint32Array[]> {
  const rows: Uint32Array[] = [];
  for await (const { logits } of wafer.logits(prompt, options))
    rows.push(new Uint32Array(logits.buffer));
  return rows;
}

/** Greedy token ids after a prompt. */
export async function greedy(
  wafer: Wafer,
  prompt: readonly number[],
  maxTokens: number,
): Promise<number[]> {
  const tokens: number[] = [];
  for await (const { token } of wafer.generate(prompt, { maxTokens, temperature: 0 })) {
    tokens.push(token);
  }
  return tokens;
}

/** Starts a wafer, uses it and closes it. */
export async function withWafer<Result>(
  options: WaferOptions,
  use: (wafer: Wafer) => Promise<Result>,
): Promise<Result> {
  await using wafer = await Wafer.start({ tokensPerStep: 64, contextTokens: 128, ...options });
  return await use(wafer);
}

/** Token ids from a seed, all within the vocabulary. */
export function seededTokens(model: Model, count: number, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % model.spec.vocabCount;
  });
}

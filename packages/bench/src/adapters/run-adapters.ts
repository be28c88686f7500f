/**
 * What adapters per request cost: one batch of answers through the base alone, through one adapter
 * and through as many as there are, in turns on one wafer.
 *
 *     none     every answer through the base
 *     one      every answer through the same adapter
 *     many     answer i through adapter i mod count
 *
 * Adapters have random values and all matrices of dense layers; prompts differ, and are short.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from '@wafer/core';
import { syntheticAdapter, writePeft } from '@wafer/models';
import type { Wafer } from '@wafer/runtime';
import { hashTokens } from '../hash.ts';
import { medianOf, ratioByRound, turnsOf } from '../statistics.ts';

export interface AdapterBenchOptions {
  /** Different ones. */
  adapters: number;
  rank: number;
  /** Answers at once. */
  batch: number;
  /** Tokens of each answer. */
  tokens: number;
  promptTokens: number;
  rounds: number;
  signal?: AbortSignal | undefined;
}

export interface AdapterBenchRow {
  through: 'none' | 'one' | 'many';
  /** Different adapters in the batch. */
  adapters: number;
  /** Of the batch while it decodes, median of the rounds. */
  tokensPerSecond: number;
  /** To `none`, median of the ratios of the rounds. */
  ratio: number;
  /** The ratio that is wanted at least. */
  bar: number | undefined;
  /** Of the tokens of all answers. */
  hash: string;
}

/** What is asked of a batch through different adapters. */
const BAR = 0.85;
const THROUGH = ['none', 'one', 'many'] as const;

/** Measures on a wafer with room for the adapters that nobody else uses. */
export async function runAdapters(
  wafer: Wafer,
  options: AdapterBenchOptions,
): Promise<AdapterBenchRow[]> {
  const names = await loadSynthetic(wafer, options);
  const batches = {
    none: [],
    one: names.slice(0, 1),
    many: names,
  } satisfies Record<AdapterBenchRow['through'], readonly string[]>;
  const runs = { none: [] as Run[], one: [] as Run[], many: [] as Run[] };
  for (let round = 0; round < options.rounds; round++) {
    for (const through of turnsOf(THROUGH, round)) {
      runs[through].push(await runBatch(wafer, batches[through], options));
    }
  }
  const ratesOf = (through: AdapterBenchRow['through']): number[] =>
    runs[through].map(({ tokensPerSecond }) => tokensPerSecond);
  return THROUGH.map((through) => {
    const { hash } = runs[through][0]!;
    const isSame = runs[through].every((run) => run.hash === hash);
    assert(isSame, 'a batch answers alike in every round', { through, hash });
    return {
      through,
      adapters: batches[through].length,
      tokensPerSecond: medianOf(ratesOf(through)),
      ratio: ratioByRound(ratesOf(through), ratesOf('none')).median,
      bar: through === 'many' ? BAR : undefined,
      hash,
    };
  });
}

interface Run {
  tokensPerSecond: number;
  hash: string;
}

/** Names of adapters that were made up, written and loaded. */
async function loadSynthetic(
  wafer: Wafer,
  { adapters, rank }: AdapterBenchOptions,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-adapters-'));
  const names = Array.from({ length: adapters }, (_, i) => `adapter-${i}`);
  try {
    for (const [seed, name] of names.entries()) {
      writePeft(folder, syntheticAdapter(wafer.model.spec, { rank, seed }));
      await wafer.loadAdapter(folder, { name });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return names;
}

/** All answers at once; the rate is that of the time in which all of them decode. */
async function runBatch(
  wafer: Wafer,
  names: readonly string[],
  { batch, tokens, promptTokens, signal }: AdapterBenchOptions,
): Promise<Run> {
  const { vocabCount } = wafer.model.spec;
  const answers = Array.from({ length: batch }, async (_, i) => {
    const prompt = Array.from({ length: promptTokens }, (_none, t) => (t * 7919 + i) % vocabCount);
    const adapter = names.length === 0 ? undefined : names[i % names.length];
    const options = { maxTokens: tokens, minTokens: tokens, temperature: 0, adapter, signal };
    const found = { tokens: [] as number[], decodeMs: 0 };
    for await (const { token, usage } of wafer.generate(prompt, options)) {
      found.tokens.push(token);
      found.decodeMs = usage?.decodeMs ?? 0;
    }
    return found;
  });
  const all = await Promise.all(answers);
  const rates = all.map(
    (answer) => (answer.tokens.length - 1) / (Math.max(answer.decodeMs, 0.001) / 1000),
  );
  return {
    tokensPerSecond: rates.reduce((sum, rate) => sum + rate, 0),
    hash: hashTokens(all.flatMap((answer) => answer.tokens)),
  };
}

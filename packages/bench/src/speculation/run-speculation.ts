/**
 * What guessing by lookup does to decoding: text that repeats, and text that does not.
 *
 *     edit     a text with some tokens changed; the text before the edit is the prediction
 *     fresh    sampled text, looked up in itself: hardly anything is found
 *     dice     a few tokens at random, the worst case: much is found, and mostly goes on otherwise
 *
 * With random weights a text means nothing, and its speed is that of any other: what the model
 * writes greedily is taken for the edited text, and the text before the edit is made from it. Runs
 * with guesses and without take turns, and must give the same tokens.
 */
import { assert } from '@wafer/core';
import type { Piece, RequestOptions, Wafer } from '@wafer/runtime';
import { hashTokens } from '../hash.ts';
import { medianOf, ratioByRound } from '../statistics.ts';

export interface SpeculationOptions {
  /** Tokens of each answer. */
  tokens: number;
  promptTokens: number;
  rounds: number;
  /** One token in so many is changed by the edit. */
  editEvery: number;
  signal?: AbortSignal | undefined;
}

export interface SpeculationRow {
  workload: 'edit' | 'fresh' | 'dice';
  tokens: number;
  plainTokensPerSecond: number;
  guessedTokensPerSecond: number;
  /** Median of the ratios of the rounds. */
  ratio: number;
  /** The ratio that is wanted at least; undefined for the worst case. */
  bar: number | undefined;
  draftedTokens: number;
  acceptedTokens: number;
  /** Of the tokens of both runs, which are the same. */
  hash: string;
}

interface Run {
  tokens: number[];
  tokensPerSecond: number;
  drafted: number;
  accepted: number;
}

/** Tokens that `dice` draws from: any three of them come again soon. */
const DICE_TOKENS = 8;
/** What is asked of text that repeats, and of text that does not. */
const BARS: Readonly<Record<SpeculationRow['workload'], number | undefined>> = {
  edit: 2,
  fresh: 0.97,
  dice: undefined,
};

/** Measures all workloads on a wafer that nobody else uses. */
export async function runSpeculation(
  wafer: Wafer,
  options: SpeculationOptions,
): Promise<SpeculationRow[]> {
  const { vocabCount } = wafer.model.spec;
  const { tokens: maxTokens, promptTokens, editEvery, signal } = options;
  const prompt = Array.from({ length: promptTokens }, (_, i) => (i * 7919 + 11) % vocabCount);
  const common = { maxTokens, signal };
  // The answer is forced onto distinct tokens, so that it does not repeat itself.
  const edit = { ...common, temperature: 0, allow: distinctLists(maxTokens, vocabCount) };
  const { tokens: edited } = await run(wafer, prompt, edit);
  const prediction = edited.map((token, i) =>
    i % editEvery === editEvery - 1 ? (token + 1) % vocabCount : token,
  );
  const fresh = { ...common, temperature: 1, seed: 3 };
  const dice = { ...fresh, allow: [Array.from({ length: DICE_TOKENS }, (_, id) => id)] };
  const lookup = { speculation: 'lookup' } as const;
  const works: Work[] = [
    { workload: 'edit', plain: edit, guess: { prediction } },
    { workload: 'fresh', plain: fresh, guess: lookup },
    { workload: 'dice', plain: dice, guess: lookup },
  ];
  const rows: SpeculationRow[] = [];
  for (const work of works) rows.push(await compare(wafer, prompt, work, options));
  return rows;
}

interface Work {
  workload: SpeculationRow['workload'];
  plain: RequestOptions;
  guess: RequestOptions;
}

async function compare(
  wafer: Wafer,
  prompt: readonly number[],
  work: Work,
  { rounds }: SpeculationOptions,
): Promise<SpeculationRow> {
  const plain: Run[] = [];
  const guessed: Run[] = [];
  for (let round = 0; round < rounds; round++) {
    const isPlainFirst = round % 2 === 0;
    if (isPlainFirst) plain.push(await run(wafer, prompt, work.plain));
    guessed.push(await run(wafer, prompt, { ...work.plain, ...work.guess }));
    if (!isPlainFirst) plain.push(await run(wafer, prompt, work.plain));
  }
  const hash = hashTokens(plain[0]!.tokens);
  for (const { tokens } of [...plain, ...guessed]) {
    assert(hashTokens(tokens) === hash, 'guesses change no token', { workload: work.workload });
  }
  const ratesOf = (runs: Run[]): number[] => runs.map(({ tokensPerSecond }) => tokensPerSecond);
  return {
    workload: work.workload,
    tokens: plain[0]!.tokens.length,
    plainTokensPerSecond: medianOf(ratesOf(plain)),
    guessedTokensPerSecond: medianOf(ratesOf(guessed)),
    ratio: ratioByRound(ratesOf(guessed), ratesOf(plain)).median,
    bar: BARS[work.workload],
    draftedTokens: guessed[0]!.drafted,
    acceptedTokens: guessed[0]!.accepted,
    hash,
  };
}

async function run(wafer: Wafer, prompt: readonly number[], options: RequestOptions): Promise<Run> {
  const pieces: Piece[] = [];
  for await (const piece of wafer.generate(prompt, options)) pieces.push(piece);
  const { decodeMs, draftedTokens, acceptedTokens } = pieces.at(-1)!.usage!;
  return {
    tokens: pieces.map(({ token }) => token),
    tokensPerSecond: (pieces.length - 1) / (Math.max(decodeMs, 0.001) / 1000),
    drafted: draftedTokens,
    accepted: acceptedTokens,
  };
}

/** For each token of an answer a list of its own: no token comes twice within a vocabulary. */
function distinctLists(count: number, vocabCount: number): number[][] {
  const width = Math.max(1, Math.floor(vocabCount / count));
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: width }, (_none, j) => (i * width + j) % vocabCount),
  );
}

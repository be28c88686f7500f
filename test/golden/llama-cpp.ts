/**
 * What llama.cpp computes for models that a test can make again, as committed in llama-cpp.json.
 *
 * Random models are written as GGUF from a seed; the figures hold for exactly these bytes, so a
 * changed writer asks for new figures: `node test/golden/make-llama-cpp.ts`, which fetches
 * llama.cpp from npm. The trained model's figures are for the files beside the repository.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { syntheticModel } from '@wafer/models';
import type { Model } from '@wafer/runtime';
import { seededTokens } from '../contract/wafers.ts';
import { GOLDEN_SPECS } from './specs.ts';

/** Figures of one model. */
export interface GoldenFigures {
  /** SHA-256 of the GGUF file. */
  sha256: string;
  tokens: number[];
  /** The likeliest next token after each token. */
  choices: number[];
  /** Every `LOGIT_STRIDE`-th logit at some positions. */
  logits: { position: number; values: number[] }[];
}

export interface GoldenFile {
  made: { by: string; date: string; llamaCpp: string; machine: string; settings: string };
  synthetic: Record<string, GoldenFigures>;
  stories: {
    prompt: string;
    f32: GoldenFigures & { text: string };
    f16: { sha256: string; text: string };
  };
}

export const LOGIT_STRIDE = 16;
export const GREEDY_COUNT = 64;
export const STORY_PROMPT = 'Once upon a time';
const POSITIONS: readonly number[] = [0, 1, 15, 38, 63];
/** Of a kept logit: finer than its f32 form. */
const DIGITS = 8;
const SEED = 23;
const TOKEN_COUNT = 64;
const PATH = new URL('./llama-cpp.json', import.meta.url);

export function readGolden(): GoldenFile {
  return JSON.parse(readFileSync(PATH, 'utf8')) as GoldenFile;
}

/** The random models with figures, and the tokens they read. */
export function goldenModels(): { name: string; model: Model; tokens: number[] }[] {
  return Object.entries(GOLDEN_SPECS).map(([name, spec]) => {
    const model = syntheticModel({ name, spec, type: 'f32', seed: SEED });
    return { name, model, tokens: seededTokens(model, TOKEN_COUNT, SEED) };
  });
}

/** Every `LOGIT_STRIDE`-th logit at the positions that are kept. */
export function keptLogits(
  rows: readonly ArrayLike<number>[],
  positions: readonly number[] = POSITIONS,
): GoldenFigures['logits'] {
  return positions.map((position) => ({
    position,
    values: Array.from(rows[position] ?? [])
      .filter((_, id) => id % LOGIT_STRIDE === 0)
      .map((value) => Number(value.toPrecision(DIGITS))),
  }));
}

export function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

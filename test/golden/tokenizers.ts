/** The golden tokenizers and their ids (tokenizers/README.md says how they were made). */
import { readFileSync } from 'node:fs';
import type { Tokenizer } from '@wafer/runtime';
import { createTokenizer } from '@wafer/text';

export const GOLDEN_NAMES = ['bytes', 'pieces', 'unigram'] as const;
export type GoldenName = (typeof GOLDEN_NAMES)[number];

/** `texts[i]` has the ids `<name>[i]`, as text with spaces between. */
type Golden = { texts: string[] } & Record<GoldenName, string[]>;

const read = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`tokenizers/${file}.json`, import.meta.url), 'utf8'));

/** The parsed tokenizer.json. */
export function goldenJson(name: GoldenName): Record<string, unknown> {
  return read(name) as Record<string, unknown>;
}

export function goldenTokenizer(name: GoldenName): Tokenizer {
  return createTokenizer({ tokenizerJson: goldenJson(name), tokenizerConfig: {} });
}

export function goldenIds(name: GoldenName): { text: string; ids: number[] }[] {
  const golden = read('golden') as Golden;
  return golden.texts.map((text, index) => {
    const ids = golden[name][index] ?? '';
    return { text, ids: ids === '' ? [] : ids.split(' ').map(Number) };
  });
}

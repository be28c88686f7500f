/**
 * Prompts to be filled in between two texts, for models whose vocabulary has tokens for it.
 *
 *     prefix token, text before, suffix token, text behind, middle token ─▶ what is between
 *
 * Source: Bavarian et al. 2022, "Efficient Training of Language Models to Fill in the Middle".
 */
import type { Wafer } from '@wafer/runtime';
import { unsupportedParam } from '../errors/api-error.ts';

/** Names that published vocabularies have for the three tokens. */
const NAMES: readonly (readonly [prefix: string, suffix: string, middle: string])[] = [
  ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'],
  ['<fim_prefix>', '<fim_suffix>', '<fim_middle>'],
  ['<fim-prefix>', '<fim-suffix>', '<fim-middle>'],
  ['<|code_prefix|>', '<|code_suffix|>', '<|code_middle|>'],
  ['<PRE>', '<SUF>', '<MID>'],
];

/** Token ids of the prompt. Throws: ApiError 400 if the model has no such tokens. */
export async function fillInPrompt(
  wafer: Wafer,
  texts: { before: string; behind: string },
): Promise<number[]> {
  const { special, begin, addBegin } = wafer.tokenizer;
  const ids = NAMES.map((names) => names.map((name) => special.get(name)));
  const [prefix, suffix, middle] = ids.find((found) => found.every((id) => id !== undefined)) ?? [];
  if (prefix === undefined || suffix === undefined || middle === undefined) {
    throw unsupportedParam('suffix', 'this model has no tokens to fill in text');
  }
  const plain = async (text: string): Promise<number[]> =>
    text === '' ? [] : [...(await wafer.encodeAside(text, { addBegin: false }))];
  const first = addBegin && begin !== undefined ? [begin] : [];
  const [before, behind] = await Promise.all([plain(texts.before), plain(texts.behind)]);
  return [...first, prefix, ...before, suffix, ...behind, middle];
}

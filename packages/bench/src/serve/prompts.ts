/**
 * Prompts of a wanted length that mean nothing: as token ids where a server takes them, else words.
 *
 *     blocks of a trace │ own tokens      block b is always the same; what is own is never repeated
 *
 * Which of both a server takes, and how many tokens a word has there, is asked once.
 */
import { mix, Random } from '@wafer/fabric/links';
import type { PlannedRequest } from './workload.ts';

/** How prompts are written for a server. */
export interface PromptForm {
  kind: 'ids' | 'words';
  /** Of a word of ours; 1 of an id. */
  tokensPerWord: number;
}

export const IDS: PromptForm = { kind: 'ids', tokensPerWord: 1 };
/** Until the server told how many tokens a word has. */
export const WORDS: PromptForm = { kind: 'words', tokensPerWord: 1 };

/** Ids that every vocabulary has, past what is special in most. */
const [ID_MIN, ID_COUNT] = [16, 200] as const;
const LEXICON = [
  ...['one', 'day', 'the', 'little', 'girl', 'and', 'a', 'big', 'dog', 'went', 'to', 'play'],
  ...['in', 'park', 'with', 'her', 'mom', 'he', 'was', 'happy', 'said', 'they', 'saw', 'red'],
  ...['ball', 'it', 'so', 'very', 'good', 'tree'],
] as const;

/** Units of a prompt: ids of tokens, or places in the list of words. */
function unitsOf(seed: number, count: number, range: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.below(range));
}

/** Which request of a bench it is, and how its server takes prompts. */
export interface PromptPlace {
  /** Keeps it apart from others. */
  number: number;
  /** Blocks are equal within a round of requests alone. Default: 0. */
  round?: number | undefined;
  form: PromptForm;
}

/** The prompt of a request. */
export function promptOfRequest(
  { blocks, blockTokens, promptTokens }: PlannedRequest,
  { number, round = 0, form }: PromptPlace,
): number[] | string {
  const range = form.kind === 'ids' ? ID_COUNT : LEXICON.length;
  const count = Math.max(1, Math.round(promptTokens / form.tokensPerWord));
  const blockCount = Math.max(1, Math.round(blockTokens / form.tokensPerWord));
  const shared = blocks.flatMap((id) => unitsOf(hashOf(id, 1 + 2 * round), blockCount, range));
  const own = unitsOf(hashOf(number, 2), Math.max(0, count - shared.length), range);
  const units = [...shared, ...own].slice(0, count);
  if (form.kind === 'ids') return units.map((unit) => ID_MIN + unit);
  return units.map((unit) => LEXICON[unit]!).join(' ');
}

function hashOf(id: number, kind: number): number {
  return mix(mix(id) + kind);
}

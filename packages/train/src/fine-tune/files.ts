/**
 * The files of a fine-tuning run as tokens, or what is wrong with them.
 */
import { assert, WaferError } from '@wafer/core';
import type { Model } from '@wafer/models';
import { createTokenizer } from '@wafer/text';
import { linesOf, tokensOfTexts } from '../data/text-data.ts';
import type { TokenSource } from '../data/token-source.ts';
import { checkLines, FAULTS_SHOWN } from './lines.ts';
import type { LineFault, LineAim } from './lines.ts';
import type { FineTuneFile } from './order.ts';
import { contextMaxOf, documentLengths } from './plan.ts';

/** Files as they were uploaded. */
export interface FineTuneTexts {
  training_file: string;
  validation_file: string | undefined;
}

/** A file that cannot be trained from. */
export interface FileFaults {
  file: FineTuneFile;
  faults: LineFault[];
}

/** Looks at each line of both files. */
export function checkTexts(
  texts: FineTuneTexts,
  use: LineAim,
): { examples: number; hasChats: boolean } | FileFaults {
  const { examples, hasChats, faults } = checkLines(texts.training_file, use);
  if (faults.length > 0) return { file: 'training_file', faults };
  if (texts.validation_file === undefined) return { examples, hasChats };
  const valid = checkLines(texts.validation_file, use);
  if (valid.faults.length > 0) return { file: 'validation_file', faults: valid.faults };
  return { examples, hasChats: hasChats || valid.hasChats };
}

/** A file's tokens. Throws: TOKENIZER_MISSING, TEMPLATE_MISSING. */
export function tokensOfFile(
  file: FineTuneFile,
  text: string,
  { model, arePreferences }: LineAim & { model: Model },
): TokenSource | FileFaults {
  if (model.tokenizer === undefined) {
    throw new WaferError('TOKENIZER_MISSING', { path: model.name });
  }
  const tokenizer = createTokenizer(model.tokenizer, model.name);
  const end = model.special.ends[0];
  // What does not fit is told of below, each line.
  const pairs = arePreferences ? { tokensMax: Infinity } : undefined;
  const use = { tokenizer, end, separator: undefined, chat: model, pairs };
  try {
    const tokens = tokensOfTexts([{ path: `${file}.jsonl`, text }], use);
    if (!arePreferences) return tokens.count > TOKENS_MIN ? tokens : tooFew(file, tokens.count);
    const faults = longPairs(tokens, text, contextMaxOf(model.spec, { arePreferences }));
    return faults.length > 0 ? { file, faults } : tokens;
  } catch (error) {
    if (!(error instanceof WaferError) || error.code !== 'DATA_INVALID') throw error;
    const { line, reason } = error.details;
    assert(typeof line === 'number', 'what is wrong with data has a line', { line });
    return { file, faults: [{ code: 'template_refused', line, message: String(reason) }] };
  }
}

/** Tokens of a row, and the one behind it. */
const TOKENS_MIN = 16;

function tooFew(file: FineTuneFile, count: number): FileFaults {
  const message = `all of it is ${count} tokens, more than ${TOKENS_MIN} are needed`;
  return { file, faults: [{ code: 'too_few_tokens', line: null, message }] };
}

/** The first lines, of two answers each, of which one does not fit into a row with its prompt. */
function longPairs(tokens: TokenSource, text: string, context: number): LineFault[] {
  const lengths = documentLengths(tokens);
  const faults: LineFault[] = [];
  for (const [at, { number }] of linesOf(text).entries()) {
    const length = Math.max(lengths[2 * at]!, lengths[2 * at + 1]!);
    if (length <= context + 1) continue;
    const message = `an answer and its prompt are ${length} tokens, at most ${context + 1} fit`;
    faults.push({ code: 'too_many_tokens', line: number, message });
    if (faults.length === FAULTS_SHOWN) break;
  }
  return faults;
}

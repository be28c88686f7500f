/**
 * The model inside a tokenizer.json, checked, as the encoder needs it: BPE or Unigram.
 *
 * Special tokens are left out of its vocabulary, so that no text can make one. Tables are made
 * when a text first asks for them; what could be wrong with them is found here.
 */
import { isObject } from '@wafer/core';
import type { WaferError } from '@wafer/core';
import { cutMerge } from '../encode/encoder-spec.ts';
import type { Fallback, Merge, PieceModelSpec, Vocabulary } from '../encode/encoder-spec.ts';

type Json = Record<string, unknown>;
type Fail = (reason: string) => WaferError;

/** Above any published vocabulary (o200k has 200,000 tokens and 446,000 merges). */
export const TOKENS_MAX: number = 2 ** 20;

/** What a character that is no token costs more than the worst token. */
const UNKNOWN_PENALTY = 10;

/**
 * Reads a model; `entries` are those of its vocabulary, checked. Throws: what `fail` makes of the
 * reason.
 */
export function readPieceModel(
  model: Json,
  entries: Vocabulary,
  special: ReadonlySet<number>,
  fail: Fail,
): PieceModelSpec {
  const { type, vocab, merges } = model;
  if (type === 'Unigram' || (type === undefined && Array.isArray(vocab))) {
    return readUnigram(model, special, fail);
  }
  if (type !== 'BPE' && !(type === undefined && merges !== undefined)) {
    throw fail(`its model is ${String(type).slice(0, 32)}; known are BPE, Unigram`);
  }
  if (!isObject(vocab)) throw fail('its model has no vocab');
  for (const name of ['continuing_subword_prefix', 'end_of_word_suffix']) {
    if (![undefined, null, ''].includes(model[name] as null)) throw fail(`it has a ${name}`);
  }
  const unknown = model['unk_token'];
  return {
    kind: 'bpe',
    vocabulary: () => entries.filter(([, id]) => !special.has(id)),
    merges: readMerges(merges, fail),
    fallback: fallbackOf(
      model,
      typeof unknown === 'string' && Object.hasOwn(vocab, unknown)
        ? (vocab[unknown] as number)
        : undefined,
    ),
    takesWhole: model['ignore_merges'] === true,
  };
}

function readMerges(merges: unknown, fail: Fail): readonly Merge[] {
  if (merges === undefined || merges === null) return [];
  if (!Array.isArray(merges) || !merges.every(isMerge)) throw fail('its merges are no pairs');
  if (merges.length > TOKENS_MAX) throw fail(`it has ${merges.length} merges`);
  return merges;
}

function isMerge(merge: unknown): merge is Merge {
  if (typeof merge === 'string') return cutMerge(merge) > 0;
  return Array.isArray(merge) && merge.length === 2 && merge.every((p) => typeof p === 'string');
}

function readUnigram(model: Json, special: ReadonlySet<number>, fail: Fail): PieceModelSpec {
  const { vocab, unk_id: unknown } = model;
  if (!Array.isArray(vocab)) throw fail('its model has no vocab');
  const entries = vocab as [string, unknown][];
  let least = Infinity;
  const scores = entries.map(([, score], id) => {
    if (typeof score !== 'number' || !Number.isFinite(score))
      throw fail(`token ${id} has no score`);
    least = Math.min(least, score);
    return score;
  });
  const isId = typeof unknown === 'number' && Number.isInteger(unknown);
  if (
    unknown !== null &&
    unknown !== undefined &&
    !(isId && unknown >= 0 && unknown < scores.length)
  ) {
    throw fail(`its unk_id is ${String(unknown).slice(0, 32)}`);
  }
  const unknownId = isId ? unknown : undefined;
  return {
    kind: 'unigram',
    vocabulary: () =>
      entries.flatMap(([text], id) =>
        special.has(id) || id === unknownId ? [] : [[text, id] as const],
      ),
    scores,
    unknownScore: least - UNKNOWN_PENALTY,
    fallback: fallbackOf(model, unknownId),
  };
}

function fallbackOf(model: Json, unknown: number | undefined): Fallback {
  return {
    usesBytes: model['byte_fallback'] === true,
    unknown,
    fusesUnknown: model['fuse_unk'] === true,
  };
}

/**
 * A tokenizer read from GGUF, and the tokenizer.json that says the same, made when it is asked for:
 * only writers of folders do.
 *
 * Merges of SentencePiece follow from scores: every way to cut a token in two, best score first.
 *
 * Source: the converters' merge order (score, then lengths, descending).
 */
import { append } from '@wafer/core';
import { pairOfMerge, PIECE_SPACE } from '@wafer/text';
import type {
  PieceModelSpec,
  TextFrame,
  TokenizerDescription,
  TokenizerFacts,
  Vocabulary,
} from '@wafer/text';

interface Given {
  facts: TokenizerFacts;
  tokens: readonly string[];
  tokenizerConfig: unknown;
}

export class GgufTokenizer implements TokenizerDescription {
  readonly facts: TokenizerFacts;
  readonly tokenizerConfig: unknown;
  readonly #tokens: readonly string[];
  #json: Record<string, unknown> | undefined;

  constructor({ facts, tokens, tokenizerConfig }: Given) {
    this.facts = facts;
    this.#tokens = tokens;
    this.tokenizerConfig = tokenizerConfig;
  }

  get tokenizerJson(): Record<string, unknown> {
    return (this.#json ??= makeJson(this.facts, this.#tokens));
  }
}

function makeJson(facts: TokenizerFacts, tokens: readonly string[]): Record<string, unknown> {
  const { added, normalizer, preTokenizer, model } = facts.encoder;
  return {
    version: '1.0',
    added_tokens: added.map(({ id, content, isSpecial }) => ({
      id,
      content,
      special: isSpecial,
      normalized: false,
      single_word: false,
      lstrip: false,
      rstrip: false,
    })),
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: processorOf(facts.frame, tokens),
    decoder: decoderOf(facts),
    model: modelOf(model, tokens),
  };
}

/** The template of what is around a text; null where nothing is. */
function processorOf({ before, after }: TextFrame, tokens: readonly string[]): object | null {
  if (before.length + after.length === 0) return null;
  const textOf = (id: number): string => tokens[id] ?? '';
  const special = (id: number): object => ({ SpecialToken: { id: textOf(id), type_id: 0 } });
  const sequence = (id: string, type: number): object => ({ Sequence: { id, type_id: type } });
  const single = [...before.map(special), sequence('A', 0), ...after.map(special)];
  return {
    type: 'TemplateProcessing',
    single,
    pair: [...single, sequence('B', 1)],
    special_tokens: Object.fromEntries(
      [...before, ...after].map((id) => {
        const text = textOf(id);
        return [text, { id: text, ids: [id], tokens: [text] }];
      }),
    ),
  };
}

function decoderOf({ kind, dropsFirstSpace }: TokenizerFacts): object {
  if (kind === 'bytes') return { type: 'ByteLevel' };
  const decoders = [
    { type: 'Replace', pattern: { String: PIECE_SPACE }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
  ];
  const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 };
  return { type: 'Sequence', decoders: dropsFirstSpace ? [...decoders, strip] : decoders };
}

function modelOf(model: PieceModelSpec, tokens: readonly string[]): object {
  const { unknown, usesBytes, fusesUnknown } = model.fallback;
  if (model.kind === 'unigram') {
    const vocab = tokens.map((token, id) => [token, model.scores[id] ?? 0]);
    return { type: 'Unigram', unk_id: unknown ?? null, vocab, byte_fallback: usesBytes };
  }
  return {
    type: 'BPE',
    unk_token: unknown === undefined ? null : (tokens[unknown] ?? null),
    fuse_unk: fusesUnknown,
    byte_fallback: usesBytes,
    ignore_merges: model.kind === 'bpe' && model.takesWhole,
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    merges:
      model.kind === 'bpe'
        ? model.merges.map(pairOfMerge)
        : mergesOfScores(model.vocabulary(), model.scores),
  };
}

/** Every way to cut a token in two tokens, best score first. */
function mergesOfScores(vocabulary: Vocabulary, scores: readonly number[]): [string, string][] {
  const ids = new Map(vocabulary);
  const merges: { left: string; right: string; score: number }[] = [];
  for (const [token, id] of ids) {
    const cuts: { left: string; right: string; score: number }[] = [];
    for (let cut = 1; cut < token.length; cut++) {
      const left = token.slice(0, cut);
      const right = token.slice(cut);
      if (ids.has(left) && ids.has(right)) cuts.push({ left, right, score: scores[id] ?? 0 });
    }
    const place = (text: string): number => ids.get(text) ?? 0;
    cuts.sort((a, b) => place(a.left) - place(b.left) || place(a.right) - place(b.right));
    append(merges, cuts);
  }
  merges.sort(
    (a, b) => b.score - a.score || b.left.length - a.left.length || b.right.length - a.right.length,
  );
  return merges.map(({ left, right }) => [left, right]);
}

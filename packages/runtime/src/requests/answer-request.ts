/**
 * From what a caller asks for to what the engine runs: texts become token ids, a format becomes a
 * grammar, options are checked and filled in, and the model's own ends join the stop tokens.
 */
import { randomInt } from 'node:crypto';
import { KV_BLOCK_TOKENS } from '@wafer/core';
import type { Plan } from '@wafer/core';
import type { Model } from '@wafer/models';
import { resolveRequest } from '../engine/request.ts';
import type { GenerateRequest, RequestLimits } from '../engine/request.ts';
import type { AdapterUse } from '../engine/sequence.ts';
import type { Prompt, RequestOptions } from '../piece.ts';
import type { Texts } from '../chat/texts.ts';

/** Who answers, and how texts are read. */
export interface AnswerUse {
  model: Model;
  plan: Plan;
  texts: Texts;
}

/**
 * Reads a request for an answer; its seed is drawn where none is given. `adapter`: what it names.
 * Throws: REQUEST_INVALID, PROMPT_TOO_LONG, TOKEN_OUT_OF_RANGE, TOKENIZER_MISSING, GRAMMAR_*; the
 * reason of a signal that was aborted.
 */
export async function readAnswerRequest(
  { model, plan, texts }: AnswerUse,
  prompt: Prompt,
  { signal, prediction: guess, adapter: _, ...given }: RequestOptions,
  adapter: AdapterUse | undefined,
): Promise<GenerateRequest> {
  signal?.throwIfAborted();
  const prediction = typeof guess === 'string' ? texts.tokenizer.encode(guess) : guess;
  const tokens = await texts.prompt(prompt);
  signal?.throwIfAborted();
  const request = resolveRequest(tokens, { ...given, prediction }, limitsOf(model, plan));
  const stopTokens = [...new Set([...request.stopTokens, ...model.special.ends])];
  const grammar = await texts.grammar(request.format);
  return { ...request, stopTokens, grammar, adapter };
}

function limitsOf({ spec }: Model, { options }: Plan): RequestLimits {
  return {
    vocabCount: spec.vocabCount,
    contextMax: options.contextMax,
    modelContext: spec.contextMax,
    kvTokens: options.kvBlockCount * KV_BLOCK_TOKENS,
    defaultSeed: randomInt(2 ** 32),
  };
}

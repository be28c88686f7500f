/**
 * What is asked of a running wafer, through an adapter or none: answers, logits, logprobs,
 * embeddings, figures. `adapter` is what a request goes through that names none.
 */
import { AnswerStream } from './requests/answer-stream.ts';
import type { OpenRequest } from './requests/answer-stream.ts';
import type { AdapterHold } from './adapters/loaded-adapters.ts';
import type { Texts } from './chat/texts.ts';
import { readAnswerRequest } from './requests/answer-request.ts';
import { checkFields, checkRequest } from './check-options.ts';
import { checkWidth, normalizeVector, resolveEmbed } from './requests/embed.ts';
import type { EngineMetrics } from './engine/engine-metrics.ts';
import type { PromptLogprob } from './engine/prompt-logprobs.ts';
import { integerIn } from './engine/sampling-options.ts';
import type { EmbedOptions, LogitsOptions, LogitsStream, ScoreOptions } from './language-model.ts';
import type { Piece, Prompt, RequestOptions } from './piece.ts';
import { askOnce, streamLogits } from './requests/request-streams.ts';
import type { RunningWafer } from './running-wafer.ts';

/** Whom a request is for, how its texts are read, and what it goes through. */
export interface Asked {
  running: RunningWafer;
  texts: Texts;
  adapter: string | undefined;
}

/** The pieces of an answer. Throws: as `Wafer.generate`. */
export function answerOf(
  { running, texts, adapter }: Asked,
  prompt: Prompt,
  options: RequestOptions,
): AsyncGenerator<Piece, void, undefined> {
  let hold: AdapterHold | undefined;
  const open = async (): Promise<OpenRequest> => {
    const { signal } = checkRequest(prompt, options);
    hold = running.adapters.hold(options.adapter ?? adapter);
    const request = await readAnswerRequest(
      { ...running.prepared, texts },
      prompt,
      options,
      hold?.use,
    );
    signal?.throwIfAborted();
    return { line: running.open(), request, signal };
  };
  return new AnswerStream({ open, onEnd: () => hold?.[Symbol.dispose]() });
}

/** Logits after each position from `from` on, [V] each. Throws: as `Wafer.logits`. */
export async function* logitsOf(
  { running, texts, adapter }: Asked,
  prompt: ArrayLike<number>,
  options: LogitsOptions,
): LogitsStream {
  const { adapters, prepared } = running;
  checkFields(options, ['from', 'adapter']);
  const tokens = texts.checkTokens(prompt);
  const from = integerIn('from', options.from ?? 0, { min: 0, max: tokens.length - 1 });
  using hold = adapters.hold(options.adapter ?? adapter);
  const asked = { tokens, from, adapter: hold?.use };
  yield* streamLogits(running.open(), asked, prepared.model.spec.vocabCount);
}

/** Logprobs of a prompt's tokens, from its second one on. Throws: as `Wafer.score`. */
export async function scoreOf(
  { running, texts, adapter }: Asked,
  prompt: Prompt,
  options: ScoreOptions,
): Promise<PromptLogprob[]> {
  const { adapters } = running;
  checkFields(options, ['top', 'adapter']);
  const topCount = integerIn('top', options.top ?? 0, { min: 0, max: 20 });
  const tokens = texts.checkTokens(await texts.prompt(prompt), 1);
  using hold = adapters.hold(options.adapter ?? adapter);
  const line = running.open();
  const asked = { id: line.id, tokens, adapter: hold?.use };
  return (await askOnce(line, { kind: 'score', ...asked, topCount }, 'scored')).logprobs;
}

/** Vectors of texts, [D] each. Throws: as `Wafer.embed`. */
export async function embedOf(
  { running, texts, adapter }: Asked,
  prompts: readonly Prompt[],
  options: EmbedOptions,
): Promise<Float32Array[]> {
  const { adapters, prepared } = running;
  const { pooling, isNormalized } = resolveEmbed(options);
  checkWidth(prepared.model.spec);
  const read = await Promise.all(prompts.map((text) => texts.tokens(text)));
  using hold = adapters.hold(options.adapter ?? adapter);
  const vectors = read.map(async (tokens) => {
    const line = running.open();
    const asked = { id: line.id, tokens, adapter: hold?.use };
    const { embedding } = await askOnce(line, { kind: 'embed', ...asked, pooling }, 'embedding');
    return isNormalized ? normalizeVector(embedding) : embedding;
  });
  return await Promise.all(vectors);
}

/** Figures of the engine. Throws: as `Wafer.metrics`. */
export async function metricsOf({ running }: Asked): Promise<EngineMetrics> {
  const line = running.open();
  return (await askOnce(line, { kind: 'metrics', id: line.id }, 'metrics')).metrics;
}

/**
 * What is asked of a prompt alone: its logits, its logprobs, its embedding.
 */
import { checkWidth, normalizeVector, resolveEmbed } from './embed.ts';
import type { PromptLogprob } from './engine/prompt-logprobs.ts';
import { integerIn } from './engine/sampling-options.ts';
import type { EmbedOptions, ScoreOptions } from './language-model.ts';
import type { Prompt } from './piece.ts';
import { askOnce, streamLogits } from './request-streams.ts';
import type { RunningWafer } from './running-wafer.ts';

/** Logits after each position from `from` on, [V] each. Throws: as `Wafer.logits`. */
export async function* logitsOf(
  running: RunningWafer,
  prompt: ArrayLike<number>,
  options: { from?: number; adapter?: string | undefined },
): AsyncGenerator<{ position: number; logits: Float32Array }, void, undefined> {
  const { texts, adapters, prepared } = running;
  const tokens = texts.checkTokens(prompt);
  const from = integerIn('from', options.from ?? 0, { min: 0, max: tokens.length - 1 });
  using hold = adapters.hold(options.adapter);
  const asked = { tokens, from, adapter: hold?.use };
  yield* streamLogits(running.open(), asked, prepared.model.spec.vocabCount);
}

/** Logprobs of a prompt's tokens, from its second one on. Throws: as `Wafer.score`. */
export async function scoreOf(
  running: RunningWafer,
  prompt: Prompt,
  options: ScoreOptions,
): Promise<PromptLogprob[]> {
  const { texts, adapters } = running;
  const topCount = integerIn('top', options.top ?? 0, { min: 0, max: 20 });
  const tokens = texts.checkTokens(await texts.prompt(prompt), 1);
  using hold = adapters.hold(options.adapter);
  const line = running.open();
  const asked = { id: line.id, tokens, adapter: hold?.use };
  return (await askOnce(line, { kind: 'score', ...asked, topCount }, 'scored')).logprobs;
}

/** Vectors of texts, [D] each. Throws: as `Wafer.embed`. */
export async function embedOf(
  running: RunningWafer,
  prompts: readonly Prompt[],
  options: EmbedOptions,
): Promise<Float32Array[]> {
  const { texts, adapters, prepared } = running;
  const { pooling, isNormalized } = resolveEmbed(options);
  checkWidth(prepared.model.spec);
  const read = await Promise.all(prompts.map((text) => texts.tokens(text)));
  using hold = adapters.hold(options.adapter);
  const vectors = read.map(async (tokens) => {
    const line = running.open();
    const asked = { id: line.id, tokens, adapter: hold?.use };
    const { embedding } = await askOnce(line, { kind: 'embed', ...asked, pooling }, 'embedding');
    return isNormalized ? normalizeVector(embedding) : embedding;
  });
  return await Promise.all(vectors);
}

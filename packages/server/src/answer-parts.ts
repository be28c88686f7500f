/**
 * What endpoints of every dialect call: the parts of a request's answers, counted on the way, and
 * charged to its caller when they end, however they end.
 */
import { runGeneration } from './requests/generation.ts';
import type { AnswerPart, Generation } from './requests/generation.ts';
import type { Lease } from './models/model-entry.ts';
import type { Services } from './services.ts';
import { AnswerSpans } from './answer-spans.ts';
import { Meter } from './usage/meter.ts';

/** Tokens of an answer that a limit reckons with where the request says no bound. */
const OUTPUT_TOKENS_ASSUMED = 512;

/** Streams the parts of all answers; the lease stays its owner's. Throws: as `runGeneration`. */
export function answerParts(
  lease: Lease,
  generation: Generation,
  use: { services: Pick<Services, 'figures' | 'usage'>; signal: AbortSignal },
): AsyncGenerator<AnswerPart, void, undefined> {
  const { caller, options } = generation;
  const { figures, usage: metering } = use.services;
  const meter = new Meter(metering, { caller, model: lease.id, kind: 'completions' });
  const outputTokensMax = (options.maxTokens ?? OUTPUT_TOKENS_ASSUMED) * (options.n ?? 1);
  const used = { inputTokens: 0, cachedTokens: 0, outputTokens: 0 };
  let hasBegun = false;
  const { tenant = '' } = options;
  const counted = figures.answers.of(tenant);
  const spans = AnswerSpans.begin(lease.id, generation, use.signal);
  return runGeneration(lease, generation, use.signal, {
    onPrompt: (promptTokens) => {
      meter.admit(promptTokens, outputTokensMax);
      used.inputTokens = promptTokens;
    },
    onPart: (part) => {
      hasBegun = true;
      counted.generatedTokens++;
      if (part.piece.token >= 0) used.outputTokens++;
      const { usage, finish } = part;
      if (usage === undefined || finish === undefined) return;
      // The prompt counts once; the first of several answers had it computed.
      if (part.index === 0) used.cachedTokens = usage.cachedTokens;
      figures.answer({ model: lease.id, tenant, usage, finish });
      spans?.answer(part);
    },
    onEnd: () => {
      spans?.end();
      meter.settle(hasBegun ? used : undefined);
    },
  });
}

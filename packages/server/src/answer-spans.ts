/**
 * Spans of what a model did for a request: one as generative AI's conventions have it, and below
 * it, for each answer, its time in the queue, in prefill and in decode.
 *
 *     POST /v1/chat/completions ─ chat stories ┬ queue │ prefill │ decode      answer 0
 *                                              └ queue │ prefill │ decode      answer 1
 *
 * Times of an answer are known at its end: its spans are made then, one after the other.
 */
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';
import type { AnswerPart, Generation } from './requests/generation.ts';
import { spanOf, tracer } from './spans/request-span.ts';

const PHASES = [
  ['queue', 'queueMs'],
  ['prefill', 'prefillMs'],
  ['decode', 'decodeMs'],
] as const;

export class AnswerSpans {
  readonly #span: Span;
  readonly #context: Context;
  readonly #finishes: string[] = [];
  readonly #used = { input: 0, cached: 0, output: 0, reasoning: 0 };
  #openCount: number;

  private constructor(span: Span, parent: Context, answerCount: number) {
    this.#span = span;
    this.#context = trace.setSpan(parent, span);
    this.#openCount = answerCount;
  }

  /** Begins; undefined where nobody records. */
  static begin(
    model: string,
    { input, options }: Generation,
    signal: AbortSignal,
  ): AnswerSpans | undefined {
    const request = spanOf(signal);
    const parent = request ? trace.setSpan(context.active(), request) : context.active();
    const operation = input.kind === 'chat' ? 'chat' : 'text_completion';
    const name = `${operation} ${model}`;
    const span = tracer.startSpan(name, { kind: SpanKind.INTERNAL }, parent);
    if (!span.isRecording()) return undefined;
    span.setAttributes({ ...requestAttributes(options), ...modelAttributes(operation, model) });
    return new AnswerSpans(span, parent, options.n ?? 1);
  }

  /** Takes the last part of an answer, now. */
  answer({ index, promptTokens, thoughtTokens, finish, usage }: AnswerPart): void {
    if (usage === undefined || finish === undefined) return;
    const total = PHASES.reduce((sum, [, field]) => sum + usage[field], 0);
    let atMs = performance.timeOrigin + performance.now() - total;
    for (const [name, field] of PHASES) {
      const attributes = { 'gen_ai.choice.index': index };
      const span = tracer.startSpan(name, { startTime: atMs, attributes }, this.#context);
      atMs += usage[field];
      span.end(atMs);
    }
    this.#openCount--;
    this.#finishes[index] = finish;
    this.#used.input = promptTokens;
    this.#used.cached = Math.max(this.#used.cached, usage.cachedTokens);
    this.#used.output += usage.generatedTokens;
    this.#used.reasoning += thoughtTokens;
  }

  /** Ends; answers that have no end yet were left or failed. */
  end(): void {
    const { input, cached, output, reasoning } = this.#used;
    this.#span.setAttributes({
      'gen_ai.usage.input_tokens': input,
      'gen_ai.usage.cache_read.input_tokens': cached,
      'gen_ai.usage.output_tokens': output,
      'gen_ai.usage.reasoning.output_tokens': reasoning,
      'gen_ai.response.finish_reasons': this.#finishes.filter((finish) => finish !== undefined),
    });
    if (this.#openCount > 0) {
      this.#span.setAttribute('error.type', 'unfinished');
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end();
  }
}

function modelAttributes(operation: string, model: string): Attributes {
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': 'wafer',
    'gen_ai.request.model': model,
    'gen_ai.response.model': model,
  };
}

/** What was asked for; what was not is left out. */
function requestAttributes(options: Generation['options']): Attributes {
  const { maxTokens, temperature, topP, topK, seed, n } = options;
  const asked = { max_tokens: maxTokens, temperature, top_p: topP, top_k: topK, seed };
  const choices = { 'choice.count': n !== undefined && n > 1 ? n : undefined };
  return Object.fromEntries(
    Object.entries({ ...asked, ...choices })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [`gen_ai.request.${name}`, value]),
  );
}

/**
 * `POST /v1/completions`: texts or token ids are continued, one prompt or several.
 *
 *     choice of prompt p, answer i of n: p × n + i
 */
import type { GenerateOptions, PromptLogprob, Wafer } from '@wafer/runtime';
import { mapStream } from '@wafer/runtime/internal';
import { answerParts } from '../answer-parts.ts';
import { invalidParam, unsupportedParam } from '../errors/api-error.ts';
import { json } from '../http/route.ts';
import type { Call, Endpoint, Reply, ServerEvent } from '../http/route.ts';
import type { Lease } from '../models/model-entry.ts';
import { AnswerFolds, totalUsage } from '../requests/generation.ts';
import type { AnswerPart, Generation, PartToken } from '../requests/generation.ts';
import { mergeStreams } from '../requests/merge-streams.ts';
import { samplingOptions } from '../requests/parameters.ts';
import type { Services } from '../services.ts';
import { withLease } from '../with-lease.ts';
import { completionUsage, CompletionChoices } from './completion-choices.ts';
import { COMPLETION_SCHEMA } from './completion-schema.ts';
import type { CompletionBody } from './completion-schema.ts';
import { fillInPrompt } from './fill-in.ts';
import { Meter } from '../usage/meter.ts';
import { ChunkText } from './chunk-text.ts';
import { clientPaths } from './paths.ts';
import { tierOf } from './service-tier.ts';
import type { TierChoice } from './service-tier.ts';

const MAX_TOKENS_DEFAULT = 16;

export const COMPLETIONS: Endpoint<Services> = {
  method: 'POST',
  path: '/v1/completions',
  aliases: clientPaths('/v1/completions'),
  summary: 'Continues texts',
  access: 'user',
  isQueued: true,
  body: COMPLETION_SCHEMA,
  handler: complete,
};

async function complete(call: Call, services: Services): Promise<Reply> {
  const body = call.body as CompletionBody;
  checkTogether(body);
  return withLease(services, { model: body.model, caller: call.caller }, async (lease) => {
    const tier = tierOf(body.service_tier, call);
    const prompts = await promptsOf(body, lease.wafer);
    const options = optionsOf(body, tier, call);
    const head = {
      id: services.newId('cmpl'),
      object: 'text_completion',
      created: services.nowSeconds(),
      model: body.model,
      system_fingerprint: services.fingerprint(lease.id),
      ...tier.body,
    };
    const run = { body, call, services, lease, prompts, options, tier };
    if (body.stream === true) {
      return { kind: 'events', events: streamCompletions(run, head), end: { data: '[DONE]' } };
    }
    const choices = new CompletionChoices(body, lease.wafer.tokenizer, prompts);
    const folds = prompts.map(() => new AnswerFolds(options.n ?? 1));
    for await (const { at, part } of allParts(run)) folds[at]!.add(part);
    const usage = completionUsage(folds.map(({ all }) => totalUsage(all)));
    return json({ ...head, choices: choices.whole(folds), ...usage });
  });
}

interface Run {
  body: CompletionBody;
  call: Call;
  services: Services;
  lease: Lease;
  prompts: readonly ArrayLike<number>[];
  options: GenerateOptions;
  tier: TierChoice;
}

async function* streamCompletions(
  run: Run,
  head: Record<string, unknown>,
): AsyncGenerator<ServerEvent, void, undefined> {
  const { body, prompts, options, lease } = run;
  const includesUsage = body.stream_options?.include_usage === true;
  const choices = new CompletionChoices(body, lease.wafer.tokenizer, prompts);
  const folds = prompts.map(() => new AnswerFolds(options.n ?? 1));
  const chunk = new ChunkText((choice) => ({
    ...{ ...head, choices: [choice] },
    ...(includesUsage ? { usage: null } : {}),
  }));
  for await (const { at, part } of allParts(run)) {
    const fold = folds[at]!.add(part);
    for (const choice of choices.chunks(at, part, fold)) yield { data: chunk.of(choice) };
  }
  if (!includesUsage) return;
  const usage = completionUsage(folds.map(({ all }) => totalUsage(all)));
  yield { data: { ...head, choices: [], ...usage } };
}

/** A part of the answer to one of the prompts. */
interface PromptPart {
  at: number;
  part: AnswerPart;
}

type PromptParts = AsyncGenerator<PromptPart, void, undefined>;

/** Parts of all prompts' answers as they come. */
function allParts(run: Run): PromptParts {
  const { prompts, call } = run;
  if (prompts.length === 1) return partsOf(run, 0, call.signal);
  const own = new AbortController();
  const signal = AbortSignal.any([call.signal, own.signal]);
  return mapStream({
    open: () => mergeStreams(prompts.map((_, at) => partsOf(run, at, signal))),
    map: (item) => item,
    onEnd: () => own.abort(),
  });
}

/** Parts of the answer to one prompt, or its score. */
function partsOf(run: Run, at: number, signal: AbortSignal): PromptParts {
  const { prompts, options, tier, lease, services, call, body } = run;
  const prompt = prompts[at]!;
  if (body.max_tokens === 0) return scoreOf(run, at);
  const { tier: name, waitMsMax } = tier;
  const input = { kind: 'text', prompt } as const;
  const { caller } = call;
  const generation: Generation = { input, options, tier: name, waitMsMax, caller };
  return mapStream({
    open: () => answerParts(lease, generation, { services, signal }),
    map: (part) => ({ at, part }),
  });
}

async function* scoreOf(run: Run, at: number): PromptParts {
  yield { at, part: await admittedScore(run, run.prompts[at]!) };
}

/** The score of a prompt, let in and charged as answers are. Throws: ApiError 429, 503. */
async function admittedScore(run: Run, prompt: ArrayLike<number>): Promise<AnswerPart> {
  const { lease, services, call, body, tier } = run;
  const { caller } = call;
  const promptTokens = prompt.length;
  const meter = new Meter(services.usage, { caller, model: lease.id, kind: 'completions' });
  meter.admit(promptTokens, 0);
  let isDone = false;
  try {
    const request = { tenant: caller.tenant, tier: tier.tier, promptTokens, answerCount: 1 };
    using slot = lease.gate.admit(request);
    const part = await scoredPart(lease.wafer, prompt, body.logprobs ?? undefined);
    slot.begin();
    isDone = true;
    return part;
  } finally {
    const used = { inputTokens: promptTokens, cachedTokens: 0, outputTokens: 0 };
    meter.settle(isDone ? used : undefined);
  }
}

/** `max_tokens: 0` with `echo`: the prompt alone, and how likely it is. */
async function scoredPart(
  wafer: Wafer,
  prompt: ArrayLike<number>,
  top: number | undefined,
): Promise<AnswerPart> {
  const isWanted = top !== undefined && prompt.length > 1;
  const promptLogprobs: PromptLogprob[] = isWanted ? await wafer.score(prompt, { top }) : [];
  const usage = {
    ...{ promptTokens: prompt.length, cachedTokens: 0, generatedTokens: 0 },
    ...{ draftedTokens: 0, acceptedTokens: 0, queueMs: 0, prefillMs: 0, decodeMs: 0 },
  };
  const piece = {
    ...{ token: -1, index: 0, text: '', logprob: undefined, top: undefined, promptLogprobs },
    ...{ virtualNs: undefined, finish: 'length' as const, stop: undefined, usage },
  };
  const token: PartToken | undefined = undefined;
  const texts = { content: '', reasoning: '', toolCalls: [] };
  const counts = { thoughtTokens: 0, promptTokens: prompt.length };
  return { index: 0, ...texts, ...counts, piece, token, finish: 'length', usage };
}

function optionsOf(body: CompletionBody, tier: TierChoice, { caller }: Call): GenerateOptions {
  const count = body.n ?? 1;
  const bestOf = Math.max(body.best_of ?? 1, count);
  const hasLogprobs = body.logprobs !== undefined && body.logprobs !== null;
  return {
    ...samplingOptions(body),
    n: bestOf,
    maxTokens: body.max_tokens ?? MAX_TOKENS_DEFAULT,
    minTokens: body.min_tokens ?? undefined,
    logprobs: hasLogprobs ? body.logprobs! : bestOf > count ? 0 : undefined,
    promptLogprobs: body.echo === true && hasLogprobs ? body.logprobs! : undefined,
    priority: tier.priority,
    tenant: caller.tenant,
    weight: caller.weight,
  };
}

/** Throws: ApiError 400 for fields that do not go together. */
function checkTogether(body: CompletionBody): void {
  const { best_of: bestOf, n, stream, max_tokens: maxTokens, echo } = body;
  if (typeof bestOf === 'number' && bestOf > 0) {
    if (bestOf < (n ?? 1)) throw invalidParam('best_of', "'best_of' is to be at least 'n'");
    if (bestOf > (n ?? 1) && stream === true) {
      throw invalidParam('best_of', 'the best answer is known when all are there: not streamed');
    }
  }
  if (maxTokens === 0 && echo !== true) {
    throw invalidParam('max_tokens', "no tokens to write: 'max_tokens' 0 needs 'echo'");
  }
  if (body.return_raw_tokens === true) {
    throw unsupportedParam('return_raw_tokens', 'ask /tokenize for the tokens of a text');
  }
  if (typeof body.suffix === 'string' && body.suffix !== '' && typeof body.prompt !== 'string') {
    throw invalidParam('suffix', "'suffix' goes with one prompt that is a text");
  }
}

/** Token ids of each prompt. Throws: ApiError 400, TOKENIZER_MISSING. */
async function promptsOf(body: CompletionBody, wafer: Wafer): Promise<ArrayLike<number>[]> {
  const { prompt = '', suffix } = body;
  if (typeof suffix === 'string' && suffix !== '') {
    return [await fillInPrompt(wafer, { before: prompt as string, behind: suffix })];
  }
  const list: readonly (string | number | readonly number[])[] = Array.isArray(prompt)
    ? (prompt as readonly (string | number | readonly number[])[])
    : [(prompt ?? '') as string];
  if (typeof list[0] === 'number') return [list as readonly number[]];
  return Promise.all(
    (list as readonly (string | readonly number[])[]).map(async (one) =>
      typeof one === 'string' ? wafer.encodeAside(one) : one,
    ),
  );
}

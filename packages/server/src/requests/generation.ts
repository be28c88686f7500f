/**
 * The one request that every dialect becomes, and its answers as parts.
 *
 *     OpenAI chat, completions, responses ┐
 *     Cerebras, Groq, Anthropic, Ollama   ┴▶ Generation ─ run ─▶ AnswerPart, AnswerPart, …
 *
 * A part is what one token made certain. Whole answers are folds of parts, so that what is streamed
 * and what is not cannot differ.
 */
import type {
  CallChoice,
  ChatMessage,
  FinishReason,
  GenerateOptions,
  Piece,
  Prompt,
  PromptLogprob,
  RenderOptions,
  TokenLogprob,
  ToolCall,
  Usage,
} from '@wafer/runtime';
import { mapStream, streamRendered } from '@wafer/runtime/internal';
import type { Admitted } from '../models/gate.ts';
import type { Tier } from '../models/tiers.ts';
import type { Caller } from '../http/keys.ts';
import type { Lease } from '../models/model-entry.ts';

/** What is to be answered. */
export type GenerationInput =
  | { kind: 'text'; prompt: Prompt }
  | {
      kind: 'chat';
      messages: readonly ChatMessage[];
      rendering: RenderOptions;
      calls: CallChoice;
    };

export interface Generation {
  input: GenerationInput;
  options: GenerateOptions;
  tier: Tier;
  /** Refused if it would wait longer than so many milliseconds for a slot. */
  waitMsMax?: number | undefined;
  /** Who asks: whose limits and usage it is. */
  caller: Caller;
}

/** A token, how likely it was, and what else might have stood there. */
export interface PartToken extends TokenLogprob {
  top: readonly TokenLogprob[];
}

/** What one token of one answer made certain. */
export interface AnswerPart {
  /** Which of `n` answers. */
  index: number;
  content: string;
  reasoning: string;
  toolCalls: readonly ToolCall[];
  piece: Piece;
  /** Of the prompt, all of them. */
  promptTokens: number;
  /** Tokens of this answer, so far, that went into thinking. */
  thoughtTokens: number;
  /** Present if logprobs were asked for. */
  token: PartToken | undefined;
  /** With the last part of an answer. */
  finish: FinishReason | undefined;
  usage: Usage | undefined;
}

/** Who is told of an answer as it comes. */
export interface GenerationWatch {
  /** How many tokens the prompt has; may refuse them. */
  onPrompt: (promptTokens: number) => void;
  onPart?: ((part: AnswerPart) => void) | undefined;
  /** Told once, however it ends. */
  onEnd?: (() => void) | undefined;
}

/**
 * What a token waits for those behind it, but the first and the last: a stream of more than 50
 * tokens a second comes in so many pieces. A piece costs both ends a call of the system and a turn,
 * which on busy cores is time that no token is computed in.
 */
const COALESCE_MS = 20;

/**
 * Answers a request; leaving the loop, or aborting, ends it.
 * Throws: what the watch and the wafer throw.
 */
export function runGeneration(
  { wafer, gate }: Pick<Lease, 'wafer' | 'gate'>,
  { input, options: asked, tier, waitMsMax }: Generation,
  signal: AbortSignal,
  watch: GenerationWatch,
): AsyncGenerator<AnswerPart, void, undefined> {
  const options = { coalesceMs: COALESCE_MS, ...asked };
  const { tenant = '', n: answerCount = 1 } = options;
  let promptTokens = 0;
  let slot: Admitted | undefined;
  let hasBegun = false;
  const admit = (count: number): void => {
    promptTokens = count;
    watch.onPrompt(count);
    slot = gate.admit({ tenant, tier, promptTokens, answerCount, waitMsMax });
  };
  const watched = (part: AnswerPart): AnswerPart => {
    if (!hasBegun) slot?.begin();
    hasBegun = true;
    watch.onPart?.(part);
    return part;
  };
  const onEnd = (): void => {
    slot?.[Symbol.dispose]();
    watch.onEnd?.();
  };
  if (input.kind === 'text') {
    return mapStream({
      open: async () => {
        signal.throwIfAborted();
        const prompt =
          typeof input.prompt === 'string' ? await wafer.encodeAside(input.prompt) : input.prompt;
        admit(prompt.length);
        return wafer.generate(prompt, { ...options, signal });
      },
      map: (piece) => {
        const texts = { content: piece.text, reasoning: '', toolCalls: [] };
        return watched(partOf(piece, texts, { thoughtTokens: 0, promptTokens }));
      },
      onEnd,
    });
  }
  const { messages, rendering, calls } = input;
  const thoughts = Array.from({ length: answerCount }, () => new ThoughtCounter());
  return mapStream({
    open: async () => {
      signal.throwIfAborted();
      const rendered = await wafer.renderChat(messages, rendering);
      admit(rendered.tokens.length);
      const chat = { ...rendered, ...calls, tools: rendering.tools };
      return streamRendered(wafer, chat, { ...options, signal });
    },
    map: (delta) => {
      const thoughtTokens = thoughts[delta.piece.index]!.add(delta);
      return watched(partOf(delta.piece, delta, { thoughtTokens, promptTokens }));
    },
    onEnd,
  });
}

function partOf(
  piece: Piece,
  { content, reasoning, toolCalls }: PartTexts,
  counts: Pick<AnswerPart, 'thoughtTokens' | 'promptTokens'>,
): AnswerPart {
  const { index, finish, usage, token: id, logprob } = piece;
  const token = logprob === undefined ? undefined : { token: id, logprob, top: piece.top ?? [] };
  const texts = { content, reasoning, toolCalls, ...counts };
  return { index, ...texts, piece, token, finish, usage };
}

type PartTexts = Pick<AnswerPart, 'content' | 'reasoning' | 'toolCalls'>;

/** Counts tokens before anything but thinking was certain. */
export class ThoughtCounter {
  #count = 0;
  #hasThought = false;
  #hasSpoken = false;

  /** Takes what one token made certain; how many went into thinking so far. */
  add({ content, reasoning, toolCalls }: PartTexts): number {
    this.#hasThought ||= reasoning !== '';
    this.#hasSpoken ||= content !== '' || toolCalls.length > 0;
    if (!this.#hasSpoken) this.#count++;
    return this.#hasThought ? this.#count : 0;
  }
}

/** Why an answer ends, as OpenAI's interface says it. */
export type ApiFinish = 'stop' | 'length' | 'tool_calls';

/** Folds all parts of a request's answers. */
export async function foldAll(
  parts: AsyncIterable<AnswerPart>,
  answerCount: number,
): Promise<AnswerFolds> {
  const folds = new AnswerFolds(answerCount);
  for await (const part of parts) folds.add(part);
  return folds;
}

/** All parts of one answer, folded. */
export class AnswerFold {
  content = '';
  reasoning = '';
  readonly toolCalls: ToolCall[] = [];
  readonly tokens: PartToken[] = [];
  /** Of the prompt, if they were asked for: with the first answer alone. */
  promptLogprobs: readonly PromptLogprob[] | undefined;
  tokenCount = 0;
  finish: FinishReason | undefined;
  usage: Usage | undefined;
  /** Tokens that went into thinking. */
  reasoningTokens = 0;

  add(part: AnswerPart): void {
    this.tokenCount++;
    this.promptLogprobs ??= part.piece.promptLogprobs;
    this.content += part.content;
    this.reasoning += part.reasoning;
    for (const call of part.toolCalls) this.toolCalls.push(call);
    if (part.token) this.tokens.push(part.token);
    this.reasoningTokens = part.thoughtTokens;
    this.finish = part.finish;
    this.usage = part.usage;
  }

  get apiFinish(): ApiFinish {
    if (this.toolCalls.length > 0) return 'tool_calls';
    return this.finish === 'stop' ? 'stop' : 'length';
  }
}

/** The folds of all answers of a request, by index. */
export class AnswerFolds {
  readonly all: readonly AnswerFold[];

  constructor(count: number) {
    this.all = Array.from({ length: count }, () => new AnswerFold());
  }

  add(part: AnswerPart): AnswerFold {
    const fold = this.all[part.index]!;
    fold.add(part);
    return fold;
  }
}

/** What a request took, all answers together. */
export interface TotalUsage {
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  reasoningTokens: number;
  acceptedTokens: number;
  rejectedTokens: number;
  queueMs: number;
  promptMs: number;
  completionMs: number;
}

/** The sum over all answers that are done; times are those of the slowest. */
export function totalUsage(folds: readonly AnswerFold[]): TotalUsage {
  const total: TotalUsage = {
    ...{ promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 },
    ...{ acceptedTokens: 0, rejectedTokens: 0, queueMs: 0, promptMs: 0, completionMs: 0 },
  };
  for (const { usage, reasoningTokens } of folds) {
    if (usage === undefined) continue;
    // The prompt is the same for all, and counts once; the first answer had it computed.
    if (total.promptTokens === 0) total.cachedTokens = usage.cachedTokens;
    total.cachedTokens = Math.min(total.cachedTokens, usage.cachedTokens);
    total.promptTokens = usage.promptTokens;
    total.completionTokens += usage.generatedTokens;
    total.reasoningTokens += reasoningTokens;
    total.acceptedTokens += usage.acceptedTokens;
    total.rejectedTokens += usage.draftedTokens - usage.acceptedTokens;
    total.queueMs = Math.max(total.queueMs, usage.queueMs);
    total.promptMs = Math.max(total.promptMs, usage.prefillMs);
    total.completionMs = Math.max(total.completionMs, usage.decodeMs);
  }
  return total;
}

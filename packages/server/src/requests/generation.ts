/**
 * The one request that every dialect becomes, and its answers as parts.
 *
 *     OpenAI chat, completions, responses ┐
 *     Cerebras, Groq, Anthropic, Ollama   ┴▶ Generation ─ run ─▶ AnswerPart, AnswerPart, …
 *
 * A part is what one token made certain. Whole answers are folds of parts, so that what is streamed
 * and what is not cannot differ.
 */
import type { GenerateOptions, Piece, Prompt, TokenLogprob, Usage, Wafer } from '@wafer/runtime';
import type { FinishReason, RenderOptions } from '@wafer/runtime';
import type { ChatMessage, ToolCall } from '@wafer/runtime';

/** What is to be answered. */
export type GenerationInput =
  | { kind: 'text'; prompt: Prompt }
  | { kind: 'chat'; messages: readonly ChatMessage[]; rendering: RenderOptions };

export interface Generation {
  input: GenerationInput;
  options: GenerateOptions;
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
  /** Present if logprobs were asked for. */
  token: PartToken | undefined;
  /** With the last part of an answer. */
  finish: FinishReason | undefined;
  usage: Usage | undefined;
}

/** Answers a request; leaving the loop, or aborting, ends it. Throws: what the wafer throws. */
export async function* runGeneration(
  wafer: Pick<Wafer, 'generate' | 'chat'>,
  { input, options }: Generation,
  signal: AbortSignal,
): AsyncGenerator<AnswerPart, void, undefined> {
  if (input.kind === 'text') {
    for await (const piece of wafer.generate(input.prompt, { ...options, signal })) {
      yield partOf(piece, { content: piece.text, reasoning: '', toolCalls: [] });
    }
    return;
  }
  const { messages, rendering } = input;
  for await (const delta of wafer.chat(messages, { ...options, ...rendering, signal })) {
    yield partOf(delta.piece, delta);
  }
}

function partOf(
  piece: Piece,
  { content, reasoning, toolCalls }: Pick<AnswerPart, 'content' | 'reasoning' | 'toolCalls'>,
): AnswerPart {
  const { index, finish, usage, token: id, logprob } = piece;
  const token = logprob === undefined ? undefined : { token: id, logprob, top: piece.top ?? [] };
  return { index, content, reasoning, toolCalls, piece, token, finish, usage };
}

/** Why an answer ends, as OpenAI's interface says it. */
export type ApiFinish = 'stop' | 'length' | 'tool_calls';

/** All parts of one answer, folded. */
export class AnswerFold {
  content = '';
  reasoning = '';
  readonly toolCalls: ToolCall[] = [];
  readonly tokens: PartToken[] = [];
  tokenCount = 0;
  finish: FinishReason | undefined;
  usage: Usage | undefined;
  /** Tokens before anything but thinking was certain. */
  #thoughtCount = 0;

  add(part: AnswerPart): void {
    this.tokenCount++;
    this.content += part.content;
    this.reasoning += part.reasoning;
    for (const call of part.toolCalls) this.toolCalls.push(call);
    if (part.token) this.tokens.push(part.token);
    if (this.content === '' && this.toolCalls.length === 0) this.#thoughtCount = this.tokenCount;
    this.finish = part.finish;
    this.usage = part.usage;
  }

  /** Tokens that went into thinking. */
  get reasoningTokens(): number {
    return this.reasoning === '' ? 0 : this.#thoughtCount;
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

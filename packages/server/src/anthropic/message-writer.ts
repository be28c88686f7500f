/**
 * Parts of an answer as the blocks and events of Anthropic's interface.
 *
 *     message_start, ping ─ per block: start ─ deltas ─ stop ─ message_delta, message_stop
 *
 * The blocks that the events make are those of the whole: nothing is built twice.
 */
import { assert } from '@wafer/core';
import type { ToolCall } from '@wafer/runtime';
import type { ServerEvent } from '../http/route.ts';
import { AnswerFold, totalUsage } from '../requests/generation.ts';
import type { AnswerPart } from '../requests/generation.ts';

export interface MessageHead {
  id: string;
  model: string;
  /** A new id of a call. */
  newCallId: () => string;
  /** Seals thinking, for a client that carries it. */
  seal: (text: string) => string;
  /** Whether thinking is carried sealed and not shown. */
  hidesThinking: boolean;
}

type Block = Record<string, unknown> & { type: string };

type Events = Generator<ServerEvent, void, undefined>;

export class MessageWriter {
  readonly #head: MessageHead;
  readonly #fold = new AnswerFold();
  readonly #content: Block[] = [];
  #open: { type: 'text' | 'thinking'; text: string } | undefined;
  #last: AnswerPart | undefined;

  constructor(head: MessageHead) {
    this.#head = head;
  }

  /** The message as it is now. */
  get message(): Record<string, unknown> {
    const { id, model } = this.#head;
    return {
      ...{ id, type: 'message', role: 'assistant', model, container: null, diagnostics: null },
      ...{ content: [...this.#content], ...this.#stop(), usage: this.#usage() },
    };
  }

  /** What one token made certain. */
  *push(part: AnswerPart): Events {
    const isFirst = this.#last === undefined;
    this.#last = part;
    this.#fold.add(part);
    if (isFirst) {
      yield event('message_start', { message: this.message });
      yield event('ping', {});
    }
    const { reasoning, content, toolCalls } = part;
    if (reasoning !== '') yield* this.#text('thinking', reasoning);
    if (content !== '') yield* this.#text('text', content);
    for (const call of toolCalls) yield* this.#call(call);
  }

  /** Ends the message. */
  *finish(): Events {
    yield* this.#close();
    yield event('message_delta', { delta: this.#stop(), usage: this.#usage() });
    yield event('message_stop', {});
  }

  *#text(type: 'text' | 'thinking', text: string): Events {
    if (this.#open?.type !== type) {
      yield* this.#close();
      this.#open = { type, text: '' };
      yield this.#start(this.#block({ type, text: '' }, ''));
    }
    this.#open!.text += text;
    if (type === 'text') yield this.#delta({ type: 'text_delta', text });
    else if (!this.#head.hidesThinking) {
      yield this.#delta({ type: 'thinking_delta', thinking: text });
    }
  }

  *#close(): Events {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const signature = open.type === 'thinking' ? this.#head.seal(open.text) : '';
    if (signature !== '') yield this.#delta({ type: 'signature_delta', signature });
    yield* this.#end(this.#block(open, signature));
  }

  *#call({ name, arguments: input }: ToolCall): Events {
    yield* this.#close();
    const block = {
      type: 'tool_use',
      id: this.#head.newCallId(),
      name,
      caller: { type: 'direct' },
    };
    yield this.#start({ ...block, input: {} });
    yield this.#delta({ type: 'input_json_delta', partial_json: JSON.stringify(input) });
    yield* this.#end({ ...block, input });
  }

  #block({ type, text }: { type: 'text' | 'thinking'; text: string }, signature: string): Block {
    if (type === 'text') return { type, text, citations: null };
    return { type, thinking: this.#head.hidesThinking ? '' : text, signature };
  }

  #start(block: Block): ServerEvent {
    return event('content_block_start', { index: this.#content.length, content_block: block });
  }

  #delta(delta: Record<string, unknown>): ServerEvent {
    return event('content_block_delta', { index: this.#content.length, delta });
  }

  *#end(block: Block): Events {
    const index = this.#content.push(block) - 1;
    yield event('content_block_stop', { index });
  }

  #stop(): Record<string, unknown> {
    const { finish, piece } = this.#last!;
    const cause = piece.stop;
    const sequence = cause !== undefined && 'text' in cause ? cause.text : null;
    const reason =
      finish === undefined
        ? null
        : this.#fold.toolCalls.length > 0
          ? 'tool_use'
          : finish !== 'stop'
            ? LIMITS[finish]
            : sequence === null
              ? 'end_turn'
              : 'stop_sequence';
    return { stop_reason: reason, stop_sequence: sequence, stop_details: null };
  }

  #usage(): Record<string, unknown> {
    const last = this.#last;
    if (last === undefined) assert(false, 'usage is told of an answer that has begun');
    const total = totalUsage([this.#fold]);
    const { promptTokens } = last!;
    return {
      input_tokens: promptTokens - total.cachedTokens,
      cache_read_input_tokens: total.cachedTokens,
      ...{ cache_creation_input_tokens: 0, cache_creation: null },
      output_tokens: total.completionTokens || this.#fold.tokenCount,
      output_tokens_details: { thinking_tokens: last!.thoughtTokens },
      ...{ server_tool_use: null, service_tier: 'standard', inference_geo: null, speed: null },
    };
  }
}

const LIMITS = {
  length: 'max_tokens',
  context: 'model_context_window_exceeded',
  deadline: 'max_tokens',
} as const;

function event(type: string, fields: Record<string, unknown>): ServerEvent {
  return { event: type, data: { type, ...fields } };
}

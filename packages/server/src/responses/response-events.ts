/**
 * Parts of an answer as the events of a response, each item opened, filled and closed in its turn.
 *
 *     created, in_progress ─ per item: added ─ (part added) ─ deltas ─ done ─ (part done) ─ done ─
 *     completed | incomplete | failed
 *
 * The items that the events make are those of the response: nothing is built twice.
 */
import { append, assert } from '@wafer/core';
import type { ToolCall } from '@wafer/runtime';
import type { Tokenizer } from '@wafer/text';
import type { ServerEvent } from '../http/route.ts';
import { logprobBody } from '../openai/usage.ts';
import type { LogprobBody } from '../openai/usage.ts';
import type { AnswerPart } from '../requests/generation.ts';
import type { Item } from './response-schema.ts';

/** An item that is being written. */
interface OpenItem {
  kind: 'message' | 'reasoning';
  id: string;
  text: string;
  logprobs: LogprobBody[];
}

export interface EventOptions {
  newId: (prefix: string) => string;
  tokenizer: Tokenizer;
  hasLogprobs: boolean;
  /** Seals reasoning for a client that carries it; undefined if it did not ask. */
  seal: ((text: string) => string) | undefined;
}

type Status = 'in_progress' | 'completed' | 'incomplete';

export class ResponseEvents {
  readonly output: Item[] = [];
  readonly #options: EventOptions;
  #sequence = 0;
  #open: OpenItem | undefined;

  constructor(options: EventOptions) {
    this.#options = options;
  }

  /** One event; numbers count up. */
  event(type: string, fields: Record<string, unknown>): ServerEvent {
    return { event: type, data: { type, sequence_number: this.#sequence++, ...fields } };
  }

  /** What one token made certain. */
  *push(part: AnswerPart): Generator<ServerEvent, void, undefined> {
    const { reasoning, content, toolCalls, token } = part;
    if (reasoning !== '') yield* this.#text('reasoning', reasoning, []);
    const { hasLogprobs, tokenizer } = this.#options;
    const logprobs = hasLogprobs && token ? [logprobBody(tokenizer, token)] : [];
    if (content !== '' || (logprobs.length > 0 && this.#open?.kind === 'message')) {
      yield* this.#text('message', content, logprobs);
    }
    for (const call of toolCalls) yield* this.#call(call);
  }

  /** Closes what is open; an answer without anything is an empty message. */
  *finish(status: Status): Generator<ServerEvent, void, undefined> {
    if (this.output.length === 0 && this.#open === undefined) yield* this.#begin('message');
    yield* this.#close(status);
  }

  *#text(
    kind: OpenItem['kind'],
    delta: string,
    logprobs: LogprobBody[],
  ): Generator<ServerEvent, void, undefined> {
    if (this.#open?.kind !== kind) yield* this.#begin(kind);
    const open = this.#open!;
    open.text += delta;
    append(open.logprobs, logprobs);
    const place = { ...this.#place(open.id), content_index: 0 };
    if (kind === 'message') {
      yield this.event('response.output_text.delta', { ...place, delta, logprobs });
    } else yield this.event('response.reasoning_text.delta', { ...place, delta });
  }

  *#begin(kind: OpenItem['kind']): Generator<ServerEvent, void, undefined> {
    yield* this.#close('completed');
    const id = this.#options.newId(kind === 'message' ? 'msg' : 'rs');
    this.#open = { kind, id, text: '', logprobs: [] };
    const place = this.#place(id);
    const item = this.#item(this.#open, 'in_progress', true);
    const { output_index } = place;
    yield this.event('response.output_item.added', { output_index, item });
    const part = partOf({ ...this.#open });
    yield this.event('response.content_part.added', { ...place, content_index: 0, part });
  }

  *#close(status: Status): Generator<ServerEvent, void, undefined> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const place = { ...this.#place(open.id), content_index: 0 };
    const { text, logprobs } = open;
    if (open.kind === 'message') {
      yield this.event('response.output_text.done', { ...place, text, logprobs });
    } else yield this.event('response.reasoning_text.done', { ...place, text });
    yield this.event('response.content_part.done', { ...place, part: partOf(open) });
    yield* this.#done(this.#item(open, status));
  }

  *#call(call: ToolCall): Generator<ServerEvent, void, undefined> {
    yield* this.#close('completed');
    const { newId } = this.#options;
    const text = JSON.stringify(call.arguments);
    const item = {
      ...{ type: 'function_call', id: newId('fc'), call_id: newId('call') },
      ...{ name: call.name, arguments: text, status: 'completed' },
    };
    const place = this.#place(item.id);
    yield this.event('response.output_item.added', {
      output_index: place.output_index,
      item: { ...item, arguments: '', status: 'in_progress' },
    });
    yield this.event('response.function_call_arguments.delta', { ...place, delta: text });
    const done = { ...place, name: call.name, arguments: text };
    yield this.event('response.function_call_arguments.done', done);
    yield* this.#done(item);
  }

  *#done(item: Item): Generator<ServerEvent, void, undefined> {
    const output_index = this.output.length;
    const isClosed = this.#open === undefined;
    assert(isClosed, 'an item is closed before the next', { output_index });
    this.output.push(item);
    yield this.event('response.output_item.done', { output_index, item });
  }

  #place(id: string): { item_id: string; output_index: number } {
    return { item_id: id, output_index: this.output.length };
  }

  #item(open: OpenItem, status: Status, isEmpty = false): Item {
    const { id, text } = open;
    const content = isEmpty ? [] : [partOf(open)];
    if (open.kind === 'message') return { type: 'message', id, status, role: 'assistant', content };
    const sealed = isEmpty ? undefined : this.#options.seal?.(text);
    const carried = sealed === undefined ? {} : { encrypted_content: sealed };
    return { type: 'reasoning', id, summary: [], content, ...carried };
  }
}

function partOf({ kind, text, logprobs }: OpenItem): { type: string; text: string } {
  if (kind === 'reasoning') return { type: 'reasoning_text', text };
  const part = { type: 'output_text', text, annotations: [], logprobs: [...logprobs] };
  return part;
}

/**
 * Answers of GPT-OSS: messages with a header each, the channel in it.
 *
 *     <|channel|>analysis<|message|>…<|end|>
 *     <|start|>assistant<|channel|>commentary to=functions.add <|constrain|>json
 *         <|message|>{…}<|call|>
 *     <|start|>assistant<|channel|>final<|message|>…<|return|>
 *
 * `analysis` is reasoning; a header with a recipient (`to=`) makes its message a call; the rest is
 * content. The first header has begun in the prompt. What has no header is content.
 *
 * Source: OpenAI, "OpenAI harmony response format".
 */
import { DeltaBuilder, type AnswerDelta } from './answer-parser.ts';
import type { AnswerFormat, AnswerParser } from './answer-parser.ts';
import { MarkerLexer, type LexerTarget } from './marker-lexer.ts';
import { callOf, parseJson } from './read-call.ts';

const START = '<|start|>';
const CHANNEL = '<|channel|>';
const MESSAGE = '<|message|>';
const CONSTRAIN = '<|constrain|>';
const ENDS: readonly string[] = ['<|end|>', '<|return|>', '<|call|>'];

/** A longer header is none. */
const HEADER_LENGTH_MAX = 512;

export const HARMONY: AnswerFormat = {
  name: 'harmony',
  isUsedBy: ({ special }) => special.has(CHANNEL) && special.has(MESSAGE),
  parser: () => new HarmonyAnswer(),
};

class HarmonyAnswer implements AnswerParser, LexerTarget {
  readonly #lexer = new MarkerLexer([START, CHANNEL, MESSAGE, CONSTRAIN, ...ENDS], this);
  readonly #delta = new DeltaBuilder();
  #state: 'header' | 'reasoning' | 'content' | 'call' = 'header';
  /** The header as it was written, markers included. */
  #header = '';
  #inside: string[] = [];

  push(text: string): AnswerDelta {
    this.#lexer.push(text);
    return this.#delta.take();
  }

  finish(): AnswerDelta {
    this.#lexer.finish();
    if (this.#state === 'call') this.#endCall();
    else if (this.#state === 'header') this.#endHeader();
    return this.#delta.take();
  }

  text(text: string): void {
    if (this.#state === 'call') this.#inside.push(text);
    else if (this.#state !== 'header') this.#delta.add(this.#state, text);
    else this.#extendHeader(text);
  }

  marker(marker: string): void {
    if (marker === START || ENDS.includes(marker)) this.#endMessage();
    else if (this.#state !== 'header') this.text(marker);
    else if (marker === MESSAGE) this.#openMessage();
    else this.#extendHeader(marker);
  }

  #extendHeader(text: string): void {
    this.#header += text;
    if (this.#header.length <= HEADER_LENGTH_MAX) return;
    this.#delta.add('content', this.#header);
    this.#state = 'content';
  }

  #openMessage(): void {
    const channel = /<\|channel\|>\s*(\w+)/.exec(this.#header)?.[1];
    if (recipientOf(this.#header) !== undefined) this.#state = 'call';
    else this.#state = channel === 'analysis' ? 'reasoning' : 'content';
  }

  #endMessage(): void {
    if (this.#state === 'call') this.#endCall();
    else if (this.#state === 'header') this.#endHeader();
    this.#state = 'header';
    this.#header = '';
  }

  /** A header without a message says nothing, unless it is an answer without any header. */
  #endHeader(): void {
    if (!this.#header.includes(CHANNEL)) this.#delta.add('content', this.#header);
  }

  #endCall(): void {
    const inside = this.#inside.join('');
    this.#inside = [];
    const name = recipientOf(this.#header)?.replace(/^functions\./, '');
    const call = callOf({ name, arguments: parseJson(inside) ?? null });
    if (call === undefined) this.#delta.add('content', inside);
    else this.#delta.call(call);
    this.#header = '';
  }
}

function recipientOf(header: string): string | undefined {
  return /(?:^|\s)to=([^\s<]+)/.exec(header)?.[1];
}

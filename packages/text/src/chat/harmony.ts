/**
 * Answers of GPT-OSS: messages with a header each, the channel in it.
 *
 *     <|channel|>analysis<|message|>…<|end|>
 *     <|start|>assistant<|channel|>commentary to=functions.add <|constrain|>json
 *         <|message|>{…}<|call|>
 *     <|start|>assistant<|channel|>final<|message|>…<|return|>
 *
 * `analysis` is reasoning; a header with a recipient (`to=`) makes its message a call; the rest is
 * content. The first header has begun in the prompt. What has no header is content, and so is,
 * word for word, a header without a message and a call whose arguments are no JSON object.
 *
 * Source: OpenAI, "OpenAI harmony response format".
 */
import { DeltaBuilder, type AnswerDelta } from './answer-parser.ts';
import type { AnswerFormat, AnswerParser } from './answer-parser.ts';
import type { FormPart } from '../grammar/form/form.ts';
import { all, argumentsOf, maybe, oneOf, text } from './held-calls.ts';
import { MarkerLexer, type LexerTarget } from './marker-lexer.ts';
import { callOf, parseJson } from './read-call.ts';
import { ToolSchemas } from './tool-schemas.ts';

const START = '<|start|>';
const CHANNEL = '<|channel|>';
const MESSAGE = '<|message|>';
const CONSTRAIN = '<|constrain|>';
const ENDS: readonly string[] = ['<|end|>', '<|return|>', '<|call|>'];

/** Role, recipient, channel, recipient, kind of content: each may be absent, none may be more. */
const HEADER = new RegExp(
  /^(?:<\|start\|>\w+|assistant)?\s*(?:to=[^\s<]+)?\s*/.source +
    /(?:<\|channel\|>\s*\w+\s*(?:to=[^\s<]+\s*)?(?:(?:<\|constrain\|>\s*)?[\w.+/-]+\s*)?)?$/.source,
);

/** A longer header is none. */
const HEADER_LENGTH_MAX = 512;

export const HARMONY: AnswerFormat = {
  name: 'harmony',
  isUsedBy: ({ special }) => special.has(CHANNEL) && special.has(MESSAGE),
  parser: (_prompt, tools) => new HarmonyAnswer(new ToolSchemas(tools)),
  calls: ({ tools, isRequired, content }) => {
    const free: FormPart = { without: [] };
    // A call ends the turn, so that there is one at a time.
    const call = all(
      text(`${CHANNEL}commentary to=functions.`),
      oneOf(
        tools.map((tool) =>
          all(text(`${tool.name} ${CONSTRAIN}json${MESSAGE}`), argumentsOf(tool)),
        ),
      ),
    );
    const said = (channel: string): FormPart =>
      all(text(`${CHANNEL}${channel}${MESSAGE}`), free, text(`<|end|>${START}assistant`));
    const before = all(maybe(said('analysis')), maybe(said('commentary')));
    const final = all(text(`${CHANNEL}final${MESSAGE}`), content ?? free);
    return all(before, isRequired ? call : oneOf([final, call]));
  },
};

class HarmonyAnswer implements AnswerParser, LexerTarget {
  readonly #lexer = new MarkerLexer([START, CHANNEL, MESSAGE, CONSTRAIN, ...ENDS], this);
  readonly #delta = new DeltaBuilder();
  readonly #tools: ToolSchemas;
  #state: 'header' | 'reasoning' | 'content' | 'call' = 'header';
  /** The header as it was written, markers included. */
  #header = '';
  #inside: string[] = [];

  constructor(tools: ToolSchemas) {
    this.#tools = tools;
  }

  push(text: string): AnswerDelta {
    this.#lexer.push(text);
    return this.#delta.take();
  }

  finish(): AnswerDelta {
    this.#lexer.finish();
    this.#endMessage('');
    return this.#delta.take();
  }

  text(text: string): void {
    if (this.#state === 'call') this.#inside.push(text);
    else if (this.#state !== 'header') this.#delta.add(this.#state, text);
    else this.#extendHeader(text);
  }

  marker(marker: string): void {
    if (marker === START) {
      this.#endMessage('');
      this.#header = marker;
    } else if (ENDS.includes(marker)) this.#endMessage(marker);
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
    if (!HEADER.test(this.#header)) {
      this.#delta.add('content', this.#header + MESSAGE);
      this.#state = 'content';
      return;
    }
    const channel = /<\|channel\|>\s*(\w+)/.exec(this.#header)?.[1];
    if (recipientOf(this.#header) !== undefined) this.#state = 'call';
    else this.#state = channel === 'analysis' ? 'reasoning' : 'content';
  }

  #endMessage(end: string): void {
    if (this.#state === 'call') this.#endCall(end);
    // A header without a message: nothing of it was said elsewhere.
    else if (this.#state === 'header' && this.#header !== '') {
      this.#delta.add('content', this.#header + (this.#header.includes('<|') ? end : ''));
    }
    this.#state = 'header';
    this.#header = '';
  }

  #endCall(end: string): void {
    const inside = this.#inside.join('');
    this.#inside = [];
    const name = recipientOf(this.#header)?.replace(/^functions\./, '');
    const call = callOf({ name, arguments: parseJson(inside.trim() || '{}') ?? null }, this.#tools);
    if (call === undefined) this.#delta.add('content', this.#header + MESSAGE + inside + end);
    else this.#delta.call(call);
  }
}

function recipientOf(header: string): string | undefined {
  return /(?:^|\s)to=([^\s<]+)/.exec(header)?.[1];
}

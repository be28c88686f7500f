/**
 * Answers with tags: `<think>…</think>`, text, `<tool_call>…</tool_call>`.
 *
 *     start ─ <think> → reasoning ─ </think> → content ⇄ <tool_call> … </tool_call>
 *
 * Thinking comes first or not at all; a tag elsewhere is text. White space between the parts
 * belongs to none of them. A call whose inside cannot be read is content, tags included.
 */
import { DeltaBuilder, TrimmedText, type AnswerDelta, type AnswerParser } from './answer-parser.ts';
import { MarkerLexer, type LexerTarget } from './marker-lexer.ts';
import type { ToolCall } from './messages.ts';

const OPEN_THINK = '<think>';
const CLOSE_THINK = '</think>';
const OPEN_CALL = '<tool_call>';
const CLOSE_CALL = '</tool_call>';
const MARKERS = [OPEN_THINK, CLOSE_THINK, OPEN_CALL, CLOSE_CALL];

/** Reads the inside of a call; undefined where it has not the format's form. */
export type ReadCall = (inside: string) => ToolCall | undefined;

export class TaggedAnswer implements AnswerParser, LexerTarget {
  readonly #readCall: ReadCall;
  readonly #lexer = new MarkerLexer(MARKERS, this);
  readonly #delta = new DeltaBuilder();
  #state: 'start' | 'reasoning' | 'content' | 'call' = 'start';
  #reasoning = new TrimmedText();
  #content = new TrimmedText(true);
  #inside: string[] = [];

  /** `prompt` may end with an open `<think>`, or with one that is closed already. */
  constructor(prompt: string, readCall: ReadCall) {
    this.#readCall = readCall;
    const begun = prompt.trimEnd();
    if (begun.endsWith(OPEN_THINK)) this.#state = 'reasoning';
    else if (begun.endsWith(CLOSE_THINK)) this.#open('content');
  }

  push(text: string): AnswerDelta {
    this.#lexer.push(text);
    return this.#delta.take();
  }

  finish(): AnswerDelta {
    this.#lexer.finish();
    if (this.#state === 'call') this.#say(OPEN_CALL + this.#inside.join(''));
    this.#delta.add('content', this.#content.takeSpace());
    return this.#delta.take();
  }

  text(text: string): void {
    if (this.#state === 'call') this.#inside.push(text);
    else if (this.#state === 'reasoning') this.#delta.add('reasoning', this.#reasoning.push(text));
    else {
      this.#say(text);
      // White space alone decides nothing: thinking may still follow.
      if (text.trim() !== '') this.#state = 'content';
    }
  }

  marker(marker: string): void {
    if (this.#state === 'call') {
      if (marker === CLOSE_CALL) this.#endCall();
      else this.#inside.push(marker);
    } else if (this.#state === 'reasoning') {
      if (marker === CLOSE_THINK) this.#open('content');
      else this.text(marker);
    } else if (marker === OPEN_THINK && this.#state === 'start') {
      this.#open('reasoning');
    } else if (marker === OPEN_CALL) {
      this.#state = 'call';
    } else {
      this.text(marker);
    }
  }

  #say(text: string): void {
    this.#delta.add('content', this.#content.push(text));
  }

  #open(state: 'reasoning' | 'content'): void {
    this.#state = state;
    this.#content = new TrimmedText();
  }

  #endCall(): void {
    const inside = this.#inside.join('');
    this.#inside = [];
    this.#state = 'content';
    const call = this.#readCall(inside.trim());
    if (call === undefined) return this.#say(OPEN_CALL + inside + CLOSE_CALL);
    this.#delta.call(call);
    this.#content = new TrimmedText();
  }
}

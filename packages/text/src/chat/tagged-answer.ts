/**
 * Answers with tags: `<think>…</think>`, text, `<tool_call>…</tool_call>`.
 *
 *     start ─ <think> → reasoning ─ </think> → content ⇄ <tool_call> … </tool_call>
 *                                              content ⇄ <function=f> … </function> (bare)
 *
 * Thinking comes first or not at all; a tag elsewhere is text. White space between the parts
 * belongs to none of them. A call whose inside cannot be read is content, tags included. A closing
 * tag inside an argument's text closes nothing, unless another call follows it at once.
 */
import { DeltaBuilder, TrimmedText, type AnswerDelta, type AnswerParser } from './answer-parser.ts';
import { MarkerLexer, type LexerTarget } from './marker-lexer.ts';
import type { ToolCall } from './messages.ts';

const OPEN_THINK = '<think>';
const CLOSE_THINK = '</think>';
const OPEN_CALL = '<tool_call>';
const CLOSE_CALL = '</tool_call>';
const OPEN_BARE = '<function=';
const CLOSE_BARE = '</function>';
const TAGS = [OPEN_THINK, CLOSE_THINK, OPEN_CALL, CLOSE_CALL];

/** What may come behind the name of a bare call; anything else makes it prose. */
const BARE_BODIES = ['<parameter=', CLOSE_BARE, '{'];

export interface TaggedForm {
  /** May end with an open `<think>`, or with one that is closed already. */
  prompt: string;
  /** Reads the calls between tags, mostly one; undefined where it has not the format's form. */
  readCalls(inside: string): ToolCall[] | undefined;
  /** Whether what follows the inside so far is text of an argument. */
  isOpen(inside: string): boolean;
  /** Whether a call may begin with `<function=`. */
  hasBareCalls: boolean;
}

export class TaggedAnswer implements AnswerParser, LexerTarget {
  readonly #form: TaggedForm;
  readonly #lexer: MarkerLexer;
  readonly #delta = new DeltaBuilder();
  #state: 'start' | 'reasoning' | 'content' | 'call' | 'bare' = 'start';
  #reasoning = new TrimmedText();
  #content = new TrimmedText(true);
  /** What opened the call: a tag, or several that follow each other. */
  #opening = '';
  #inside = '';
  /** Length of the inside up to a closing tag that closed nothing. */
  #closedAt: number | undefined;
  /** Behind a bare call, where a closing tag may stand that nothing opened. */
  #isAfterBare = false;

  constructor(form: TaggedForm) {
    this.#form = form;
    const bare = form.hasBareCalls ? [OPEN_BARE, CLOSE_BARE] : [];
    this.#lexer = new MarkerLexer([...TAGS, ...bare], this);
    const begun = form.prompt.trimEnd();
    if (begun.endsWith(OPEN_THINK)) this.#state = 'reasoning';
    else if (begun.endsWith(CLOSE_THINK)) this.#open('content');
  }

  push(text: string): AnswerDelta {
    this.#lexer.push(text);
    return this.#delta.take();
  }

  finish(): AnswerDelta {
    this.#lexer.finish();
    // The end of an answer closes a call that is whole.
    if (this.#state === 'call') this.#endCall('');
    else if (this.#state === 'bare') this.#say(this.#inside);
    this.#delta.add('content', this.#content.takeSpace());
    return this.#delta.take();
  }

  text(text: string): void {
    if (this.#state === 'call') this.#inside += text;
    else if (this.#state === 'reasoning') this.#delta.add('reasoning', this.#reasoning.push(text));
    else if (this.#state === 'bare') this.#extendBare(text);
    else {
      this.#say(text);
      // White space alone decides nothing: thinking, or a closing tag, may still follow.
      if (text.trim() === '') return;
      this.#state = 'content';
      this.#isAfterBare = false;
    }
  }

  marker(marker: string): void {
    if (this.#state === 'call') this.#markerInCall(marker);
    else if (this.#state === 'bare') this.#markerInBare(marker);
    else if (this.#state === 'reasoning') {
      if (marker === CLOSE_THINK) this.#open('content');
      else this.text(marker);
    } else if (marker === OPEN_THINK && this.#state === 'start') this.#open('reasoning');
    else if (marker === OPEN_CALL) this.#begin('call', '');
    else if (marker === OPEN_BARE) this.#begin('bare', marker);
    else if (marker === CLOSE_CALL && this.#isAfterBare) this.#isAfterBare = false;
    else this.text(marker);
  }

  #markerInCall(marker: string): void {
    const { isOpen } = this.#form;
    if (marker === CLOSE_CALL) {
      if (isOpen(this.#inside)) {
        this.#inside += marker;
        this.#closedAt = this.#inside.length;
      } else this.#endCall(CLOSE_CALL);
      return;
    }
    if (marker === OPEN_CALL && this.#inside.trim() === '') {
      this.#opening += this.#inside + marker;
      this.#inside = '';
      return;
    }
    const isNext = this.#inside.slice(this.#closedAt).trim() === '';
    if (marker === OPEN_CALL && this.#closedAt !== undefined && isNext) {
      this.#say(this.#opening + this.#inside);
      return this.#begin('call', '');
    }
    this.#inside += marker;
  }

  #markerInBare(marker: string): void {
    if (this.#form.isOpen(this.#inside)) {
      this.#inside += marker;
    } else if (marker === CLOSE_BARE) {
      this.#inside += marker;
      this.#isAfterBare = this.#endCall('');
    } else {
      this.#say(this.#inside);
      this.#state = 'content';
      this.marker(marker);
    }
  }

  #extendBare(text: string): void {
    this.#inside += text;
    if (mayBeCall(this.#inside)) return;
    this.#state = 'content';
    this.#say(this.#inside);
  }

  #begin(state: 'call' | 'bare', inside: string): void {
    this.#state = state;
    this.#opening = state === 'call' ? OPEN_CALL : '';
    this.#inside = inside;
    this.#closedAt = undefined;
    this.#isAfterBare = false;
  }

  #say(text: string): void {
    this.#delta.add('content', this.#content.push(text));
  }

  #open(state: 'reasoning' | 'content'): void {
    this.#state = state;
    this.#content = new TrimmedText();
  }

  /** Says whether it was a call. */
  #endCall(closing: string): boolean {
    const inside = this.#inside;
    this.#state = 'content';
    const calls = this.#form.readCalls(inside.trim());
    if (calls === undefined) {
      this.#say(this.#opening + inside + closing);
      return false;
    }
    for (const call of calls) this.#delta.call(call);
    this.#content.passCall();
    return true;
  }
}

/** Whether a text that begins with `<function=` can still become a call. */
function mayBeCall(text: string): boolean {
  const [head, name = '', close = ''] = /^<function=([^<>\s]*)(>?)\s*/.exec(text) ?? [''];
  const rest = text.slice(head.length);
  if (close === '') return head.length === OPEN_BARE.length + name.length && rest === '';
  if (name === '') return false;
  return BARE_BODIES.some((body) => body.startsWith(rest) || rest.startsWith(body));
}

/**
 * Answers whose calls stand in blocks, each with its own way of writing them.
 *
 *     [opening of thinking … closing] text  opening of a block … closing  text
 *
 * A block that cannot be read is content, word for word. A closing marker inside a text of JSON
 * closes nothing; where a block has none, it ends with its JSON value, or with the answer.
 */
import { DeltaBuilder, TrimmedText, type AnswerDelta, type AnswerParser } from './answer-parser.ts';
import { MarkerLexer, type LexerTarget } from './marker-lexer.ts';
import type { ToolCall } from './messages.ts';
import { jsonEnd } from './read-call.ts';

export interface CallBlock {
  opening: string;
  /** Undefined: the end of a JSON value. */
  closing: string | undefined;
  /** All calls of the inside; undefined where it has not the form. */
  read(inside: string): ToolCall[] | undefined;
  /** Where the JSON value begins that the inside ends in; -1 where it ends in none. */
  jsonStart(inside: string): number;
}

export interface BlockForm {
  thinking: { opening: string; closing: string } | undefined;
  blocks: readonly CallBlock[];
  /** Markers around the text, which are no part of it. */
  frames: readonly string[];
}

export class BlockAnswer implements AnswerParser, LexerTarget {
  readonly #form: BlockForm;
  readonly #lexer: MarkerLexer;
  readonly #delta = new DeltaBuilder();
  #state: 'start' | 'reasoning' | 'content' | 'call' = 'start';
  #block: CallBlock | undefined;
  #inside = '';
  #reasoning = new TrimmedText();
  #content = new TrimmedText(true);

  constructor(form: BlockForm, prompt: string) {
    const { thinking, blocks, frames } = form;
    this.#form = form;
    const edges = blocks.flatMap(({ opening, closing }) => [opening, closing ?? []].flat());
    const thought = thinking === undefined ? [] : [thinking.opening, thinking.closing];
    this.#lexer = new MarkerLexer([...new Set([...edges, ...thought, ...frames])], this);
    const begun = prompt.trimEnd();
    if (thinking !== undefined && begun.endsWith(thinking.opening)) this.#state = 'reasoning';
  }

  push(text: string): AnswerDelta {
    this.#lexer.push(text);
    return this.#delta.take();
  }

  finish(): AnswerDelta {
    this.#lexer.finish();
    if (this.#state === 'call') this.#endCall('');
    this.#delta.add('content', this.#content.takeSpace());
    return this.#delta.take();
  }

  text(text: string): void {
    if (this.#state === 'call') return this.#extend(text);
    if (this.#state === 'reasoning') {
      return this.#delta.add('reasoning', this.#reasoning.push(text));
    }
    this.#say(text);
    if (text.trim() !== '') this.#state = 'content';
  }

  marker(marker: string): void {
    const { thinking, blocks, frames } = this.#form;
    if (this.#state === 'call') {
      if (marker === this.#block?.closing && !this.#isInText()) this.#endCall(marker);
      else this.#extend(marker);
    } else if (this.#state === 'reasoning') {
      if (marker === thinking?.closing) this.#open('content');
      else this.text(marker);
    } else if (marker === thinking?.opening && this.#state === 'start') this.#open('reasoning');
    else if (frames.includes(marker)) this.#content = new TrimmedText();
    else {
      this.#block = blocks.find(({ opening }) => opening === marker);
      if (this.#block === undefined) this.text(marker);
      else this.#state = 'call';
    }
  }

  /** A block without a closing marker ends with its value; what is behind it is text. */
  #extend(text: string): void {
    this.#inside += text;
    const block = this.#block!;
    if (block.closing !== undefined) return;
    const start = block.jsonStart(this.#inside);
    const end = start < 0 ? undefined : jsonEnd(this.#inside, start).end;
    if (end === undefined) return;
    const rest = this.#inside.slice(end);
    this.#inside = this.#inside.slice(0, end);
    this.#endCall('');
    if (rest !== '') this.text(rest);
  }

  #isInText(): boolean {
    const start = this.#block!.jsonStart(this.#inside);
    return start >= 0 && jsonEnd(this.#inside, start).isInText;
  }

  #endCall(closing: string): void {
    const { opening, read } = this.#block!;
    const inside = this.#inside;
    this.#inside = '';
    this.#state = 'content';
    const calls = read(inside.trim());
    if (calls === undefined) return this.#say(opening + inside + closing);
    for (const call of calls) this.#delta.call(call);
    this.#content.passCall();
  }

  #say(text: string): void {
    this.#delta.add('content', this.#content.push(text));
  }

  #open(state: 'reasoning' | 'content'): void {
    this.#state = state;
    this.#content = new TrimmedText();
  }
}

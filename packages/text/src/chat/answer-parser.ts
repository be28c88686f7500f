/**
 * An answer as its parts: what the model thought, what it said, what it wants called.
 *
 * A parser takes text as it comes and tells what has become certain. However the text is cut, the
 * parts of all deltas joined are the same. Nothing that a model writes is an error: what has not
 * the form of its format is content.
 */
import type { FormPart } from '../grammar/form/form.ts';
import type { CallRule } from './held-calls.ts';
import type { ToolCall } from './messages.ts';

/** What became certain; texts are to be appended. */
export interface AnswerDelta {
  reasoning: string;
  content: string;
  toolCalls: ToolCall[];
}

export interface AnswerParser {
  push(text: string): AnswerDelta;
  /** Ends the answer; what was held back comes now. */
  finish(): AnswerDelta;
}

/** How the answers of some models are written. */
export interface AnswerFormat {
  name: string;
  /** Tells it by what the model's files contain. */
  isUsedBy(facts: { template: string; special: ReadonlyMap<string, number> }): boolean;
  /**
   * `prompt`: the text before the answer, which may have opened a part already; `tools`: what was
   * offered, whose schemas say of what types arguments are.
   */
  parser(prompt: string, tools?: readonly object[]): AnswerParser;
  /**
   * The form of answers whose calls are held to a rule; undefined where the format cannot be held
   * to it, or has no calls.
   */
  calls(rule: CallRule): FormPart | undefined;
}

/** Collects the parts of a delta until they are taken. */
export class DeltaBuilder {
  #delta: AnswerDelta = { reasoning: '', content: '', toolCalls: [] };

  add(part: 'reasoning' | 'content', text: string): void {
    this.#delta[part] += text;
  }

  call(call: ToolCall): void {
    this.#delta.toolCalls.push(call);
  }

  take(): AnswerDelta {
    const delta = this.#delta;
    this.#delta = { reasoning: '', content: '', toolCalls: [] };
    return delta;
  }
}

/** Text without white space around it, as it comes: the end is held back until more follows. */
export class TrimmedText {
  #isBegun: boolean;
  #hasSaid = false;
  /** White space before a call that the next text goes on behind; undefined without one. */
  #joint: string | undefined;
  #space = '';

  /** `keepsStart` leaves white space at the beginning. */
  constructor(keepsStart = false) {
    this.#isBegun = keepsStart;
  }

  push(text: string): string {
    const all = this.#space + text;
    const isWhole = this.#isBegun && !this.#joint;
    const start = isWhole ? all : all.trimStart();
    const certain = start.trimEnd();
    this.#space = start.slice(certain.length);
    if (certain === '') return '';
    const said = (this.#joint ?? '') + certain;
    this.#isBegun = true;
    this.#hasSaid = true;
    this.#joint = undefined;
    return said;
  }

  /** A call stands here: of the white space around it that before it, or else behind it, stays. */
  passCall(): void {
    this.#joint = this.#hasSaid ? this.#joint || this.#space : undefined;
    this.#isBegun = this.#hasSaid;
    this.#space = '';
  }

  /** The white space at the end, for those who want it. */
  takeSpace(): string {
    const space = this.#joint === undefined ? this.#space : '';
    this.#space = '';
    return space;
  }
}

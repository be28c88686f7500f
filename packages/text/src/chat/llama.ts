/**
 * Answers of Llama 3.1 to 4: a call is the whole answer, as JSON or as Python writes calls.
 *
 *     {"name": "add", "parameters": {"a": 1}}     several by `;`, or in a list
 *     [add(a=1), now()]
 *     I will look. <|python_tag|>{"name": …}
 *
 * A text that begins like a call is held back until the end tells whether it is one; what is none
 * is content, word for word.
 *
 * Source: Meta's model cards of Llama 3.1, 3.2 and 4 (prompt formats).
 */
import { DeltaBuilder, type AnswerDelta } from './answer-parser.ts';
import type { AnswerFormat, AnswerParser } from './answer-parser.ts';
import { all, callObject, oneOf, text, times } from './held-calls.ts';
import { MarkerLexer, type LexerTarget } from './marker-lexer.ts';
import type { ToolCall } from './messages.ts';
import { parsePythonCalls } from './python-calls.ts';
import { allCalls, callOf, parseJson, parseJsons } from './read-call.ts';
import { ToolSchemas } from './tool-schemas.ts';

const OPENINGS: readonly string[] = ['<|python_tag|>', '<|python_start|>'];
const CLOSING = '<|python_end|>';
const CALLS_MAX = 64;
/** Ends of turns, which are no part of a call. */
const ENDS = /(?:\s*<\|(?:eom|eot)(?:_id)?\|>)+\s*$/;

export const LLAMA: AnswerFormat = {
  name: 'llama',
  isUsedBy: ({ template, special }) =>
    OPENINGS.some((opening) => special.has(opening) || template.includes(opening)) ||
    template.includes('"parameters": dictionary of argument name') ||
    template.includes('[func_name1(params_name1=params_value1'),
  parser: (_prompt, tools) => new LlamaAnswer(new ToolSchemas(tools)),
  calls: ({ tools, isRequired, isParallel, content }) => {
    const call = callObject(tools, { name: 'name', values: 'parameters' });
    const more = times(all(text('; '), call), 0, isParallel ? CALLS_MAX - 1 : 0);
    const calls = isParallel ? all(call, more) : call;
    if (isRequired) return calls;
    // What begins like a call is one: any other text begins with something else.
    return oneOf([calls, content ?? { regex: '([^\\s{\\[][\\s\\S]*)?' }]);
  },
};

class LlamaAnswer implements AnswerParser, LexerTarget {
  readonly #lexer = new MarkerLexer([...OPENINGS, CLOSING], this);
  readonly #delta = new DeltaBuilder();
  readonly #tools: ToolSchemas;
  #state: 'start' | 'content' | 'held' = 'start';
  /** What is held back, as it was written. */
  #held = '';
  /** The same without markers. */
  #inside = '';

  constructor(tools: ToolSchemas) {
    this.#tools = tools;
  }

  push(text: string): AnswerDelta {
    this.#lexer.push(text);
    return this.#delta.take();
  }

  finish(): AnswerDelta {
    this.#lexer.finish();
    this.#release();
    return this.#delta.take();
  }

  text(text: string): void {
    if (this.#state === 'content') return this.#delta.add('content', text);
    this.#hold(text, text);
    if (this.#state === 'held') return;
    const begun = this.#held.trimStart();
    if (begun === '') return;
    if (begun.startsWith('{') || begun.startsWith('[')) this.#state = 'held';
    else this.#release();
  }

  marker(marker: string): void {
    if (OPENINGS.includes(marker) && this.#state !== 'held') {
      this.#state = 'held';
      this.#hold(marker, '');
    } else if (marker === CLOSING && this.#state === 'held') this.#hold(marker, '');
    else this.text(marker);
  }

  #hold(written: string, inside: string): void {
    this.#held += written;
    this.#inside += inside;
  }

  #release(): void {
    const calls = readCalls(this.#inside.replace(ENDS, '').trim(), this.#tools);
    if (calls === undefined) this.#delta.add('content', this.#held);
    else for (const call of calls) this.#delta.call(call);
    this.#held = '';
    this.#inside = '';
    this.#state = 'content';
  }
}

function readCalls(text: string, tools: ToolSchemas): ToolCall[] | undefined {
  if (text.startsWith('{')) {
    const values = parseJsons(text);
    return values && allCalls(values.map((value) => namedCall(value, tools)));
  }
  if (!text.startsWith('[')) return undefined;
  const list = parseJson(text);
  const found = Array.isArray(list)
    ? list.map((item) => callOf(item, tools))
    : parsePythonCalls(text)?.map((call) => callOf(call, tools));
  return found && allCalls(found);
}

/** An answer may be an object with a name; it is a call if it has arguments too. */
function namedCall(value: unknown, tools: ToolSchemas): ToolCall | undefined {
  const call = callOf(value, tools);
  const keys = Object.keys((value ?? {}) as object);
  return ['parameters', 'arguments', 'function'].some((key) => keys.includes(key))
    ? call
    : undefined;
}

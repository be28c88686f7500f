/**
 * Answers of Mistral: calls stand behind `[TOOL_CALLS]`, as a list or each with its name in front.
 *
 *     [TOOL_CALLS][{"name": "add", "arguments": {"a": 1}, "id": "9 characters"}]
 *     [TOOL_CALLS]add[CALL_ID]9 characters[ARGS]{"a": 1}[TOOL_CALLS]…
 *     [THINK]…[/THINK] before the answer
 *
 * Text behind a call is content, as is a call that cannot be read, word for word.
 *
 * Source: mistral-common, "Tokenization" (versions 3 to 13); the templates of Mistral's models.
 */
import { DeltaBuilder, TrimmedText, type AnswerDelta } from './answer-parser.ts';
import type { AnswerFormat, AnswerParser } from './answer-parser.ts';
import { all, argumentsOf, callObject, listOf, oneOf, styledCalls, text } from './held-calls.ts';
import type { CallStyle } from './held-calls.ts';
import { MarkerLexer, type LexerTarget } from './marker-lexer.ts';
import type { ToolCall } from './messages.ts';
import { allCalls, callOf, jsonEnd, parseJson } from './read-call.ts';
import { ToolSchemas } from './tool-schemas.ts';

const CALLS = '[TOOL_CALLS]';
const OPEN_THINK = '[THINK]';
const CLOSE_THINK = '[/THINK]';

export const MISTRAL: AnswerFormat = {
  name: 'mistral',
  isUsedBy: ({ template, special }) => special.has(CALLS) || template.includes(CALLS),
  parser: (prompt, tools) => new MistralAnswer(prompt, new ToolSchemas(tools)),
  calls: (rule) => styledCalls(rule.template.includes('[ARGS]') ? NAMED : LISTED, rule),
};

const thinking = { opening: OPEN_THINK, closing: CLOSE_THINK };
const LISTED: CallStyle = {
  opening: CALLS,
  inside: (tools) => callObject(tools, { name: 'name', values: 'arguments' }),
  listInside: (tools, max) => listOf(LISTED.inside(tools), max),
  between: '',
  thinking,
};
const NAMED: CallStyle = {
  opening: CALLS,
  inside: (tools) => oneOf(tools.map((tool) => all(text(`${tool.name}[ARGS]`), argumentsOf(tool)))),
  between: '',
  thinking,
};

class MistralAnswer implements AnswerParser, LexerTarget {
  readonly #lexer = new MarkerLexer([CALLS, OPEN_THINK, CLOSE_THINK], this);
  readonly #delta = new DeltaBuilder();
  readonly #tools: ToolSchemas;
  #state: 'start' | 'reasoning' | 'content' | 'call' = 'start';
  #reasoning = new TrimmedText();
  #content = new TrimmedText(true);
  #inside = '';

  constructor(prompt: string, tools: ToolSchemas) {
    this.#tools = tools;
    if (prompt.trimEnd().endsWith(OPEN_THINK)) this.#state = 'reasoning';
  }

  push(text: string): AnswerDelta {
    this.#lexer.push(text);
    return this.#delta.take();
  }

  finish(): AnswerDelta {
    this.#lexer.finish();
    this.#endCall();
    this.#delta.add('content', this.#content.takeSpace());
    return this.#delta.take();
  }

  text(text: string): void {
    if (this.#state === 'call') this.#inside += text;
    else if (this.#state === 'reasoning') this.#delta.add('reasoning', this.#reasoning.push(text));
    else {
      this.#say(text);
      if (text.trim() !== '') this.#state = 'content';
    }
  }

  marker(marker: string): void {
    if (this.#state === 'call') {
      // Inside a text of the arguments no marker means anything.
      if (marker !== CALLS || isInText(this.#inside)) this.#inside += marker;
      else {
        this.#endCall();
        this.#state = 'call';
      }
    } else if (this.#state === 'reasoning') {
      if (marker !== CLOSE_THINK) return this.text(marker);
      this.#state = 'content';
      this.#content = new TrimmedText();
    } else if (marker === CALLS) this.#state = 'call';
    else if (marker === OPEN_THINK && this.#state === 'start') {
      this.#state = 'reasoning';
      this.#content = new TrimmedText();
    } else this.text(marker);
  }

  #say(text: string): void {
    this.#delta.add('content', this.#content.push(text));
  }

  #endCall(): void {
    if (this.#state !== 'call') return;
    const inside = this.#inside;
    this.#inside = '';
    this.#state = 'content';
    const found = readCalls(inside, this.#tools);
    if (found === undefined) return this.#say(CALLS + inside);
    for (const call of found.calls) this.#delta.call(call);
    this.#content.passCall();
    if (found.rest.trim() !== '') this.#say(found.rest);
  }
}

const HEAD = /^\s*([^\s[\]{}]+)\s*(?:\[CALL_ID\]([^[\]{}]*))?(?:\[ARGS\])?\s*(?=\{)/;

function isInText(inside: string): boolean {
  const start = inside.search(/[[{](?!CALL_ID\]|ARGS\])/);
  return start !== -1 && jsonEnd(inside, start).isInText;
}

function readCalls(
  inside: string,
  tools: ToolSchemas,
): { calls: ToolCall[]; rest: string } | undefined {
  const head = HEAD.exec(inside);
  const start = head === null ? inside.length - inside.trimStart().length : head[0].length;
  const { end } = jsonEnd(inside, start);
  const value = end === undefined ? undefined : parseJson(inside.slice(start, end));
  const id = head?.[2]?.trim();
  const items: unknown[] =
    head === null
      ? [value].flat()
      : [{ name: head[1], arguments: value ?? null, ...(id === undefined ? {} : { id }) }];
  const calls = allCalls(items.map((item) => callOf(item, tools)));
  return calls && { calls, rest: inside.slice(end) };
}

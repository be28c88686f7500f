/**
 * Tokens one after another, with the questions that a parser asks of them.
 */
import { TemplateFault } from './errors.ts';
import type { Token } from './lexer.ts';

export class TokenStream {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', line: 0 };
  }

  get following(): Token {
    return this.#tokens[this.#at + 1] ?? { kind: 'end', text: '', line: 0 };
  }

  next(): Token {
    const token = this.current;
    this.#at++;
    return token;
  }

  is(kind: Token['kind'], ...texts: string[]): boolean {
    const { kind: known, text } = this.current;
    return known === kind && (texts.length === 0 || texts.includes(text));
  }

  isOperator(...texts: string[]): boolean {
    return this.is('operator', ...texts);
  }

  isName(...texts: string[]): boolean {
    return this.is('name', ...texts);
  }

  /** Takes the next token if it is this one. */
  skip(kind: Token['kind'], text: string): boolean {
    if (!this.is(kind, text)) return false;
    this.#at++;
    return true;
  }

  expect(kind: Token['kind'], ...texts: string[]): Token {
    if (!this.is(kind, ...texts)) throw this.fail(`expected ${texts.join(' or ') || kind}`);
    return this.next();
  }

  fail(what: string): TemplateFault {
    const { kind, text, line } = this.current;
    return new TemplateFault(`line ${line}: ${what}, found ${text === '' ? kind : `'${text}'`}`);
  }
}

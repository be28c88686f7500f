/**
 * Tokens of a template.
 *
 * Data goes up to the next `{{`, `{%` or `{#`; inside, tokens are read until the closing
 * delimiter outside all brackets. White space control, `trim_blocks` and `lstrip_blocks` are done
 * here: `-` takes all white space on its side, `+` keeps it; else a block takes the line end behind
 * it, and the indentation before it if nothing else stands there. Any line end is LF, and one at
 * the very end is dropped.
 *
 * Source: Jinja2 3.1, "Template Designer Documentation" (whitespace control) and its behavior.
 */
import { TemplateFault } from './errors.ts';
import { unescapeLiteral } from './literal.ts';
import { SPACE } from './text.ts';

export interface Token {
  kind:
    | 'data'
    | 'variableBegin'
    | 'variableEnd'
    | 'blockBegin'
    | 'blockEnd'
    | 'name'
    | 'string'
    | 'integer'
    | 'float'
    | 'operator'
    | 'end';
  /** Of a string its value, of all others its text. */
  text: string;
  line: number;
}

const BEGIN = new RegExp(
  `\\{%([-+]?)[${SPACE}]*raw[${SPACE}]*(?:-%\\}[${SPACE}]*|%\\})|(\\{[%{#])([-+]?)`,
  'g',
);
const RAW_END = new RegExp(
  `\\{%([-+]?)[${SPACE}]*endraw[${SPACE}]*(?:\\+%\\}|-%\\}[${SPACE}]*|%\\}\\n?)`,
  'g',
);
const COMMENT_END = new RegExp(`\\+#\\}|-#\\}[${SPACE}]*|#\\}\\n?`, 'g');
const BLOCK_END = new RegExp(`\\+%\\}|-%\\}[${SPACE}]*|%\\}\\n?`, 'y');
const VARIABLE_END = new RegExp(`-\\}\\}[${SPACE}]*|\\}\\}`, 'y');
const BLANK = new RegExp(`[${SPACE}]+`, 'y');
const BLANKS_AT_END = new RegExp(`[${SPACE}]+$`);
const ONLY_BLANKS = new RegExp(`^[${SPACE}]+$`);

/** In the order in which they are tried. */
const RULES: readonly (readonly [Token['kind'], RegExp])[] = [
  ['float', /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy],
  ['integer', /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy],
  ['name', /[\p{L}\p{M}\p{N}\p{Pc}]+/uy],
  ['string', /'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"/y],
  ['operator', /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y],
];
const CLOSES: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Cuts a template. Throws: TemplateFault. */
export function tokenize(template: string): Token[] {
  const lexer = new Lexer(template.replace(/\r\n?/g, '\n').replace(/\n$/, ''));
  return lexer.run();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  /** Whether what was read last ended a line. */
  #isAtLineStart = true;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Token[] {
    while (this.#at < this.#source.length) this.#root();
    this.#add('end', '');
    return this.#tokens;
  }

  #root(): void {
    const begin = this.#find(BEGIN);
    if (begin === null) {
      this.#add('data', this.#source.slice(this.#at));
      this.#at = this.#source.length;
      return;
    }
    const [all, rawSign, opening, openSign = ''] = begin;
    const isVariable = opening === '{{';
    this.#data(this.#source.slice(this.#at, begin.index), rawSign ?? openSign, isVariable);
    this.#to(begin.index + all.length);
    if (opening === undefined) this.#raw();
    else if (opening === '{#') this.#comment();
    else if (isVariable) this.#inside('variable', VARIABLE_END);
    else this.#inside('block', BLOCK_END);
  }

  /** Text before a tag, stripped as the tag wants it. */
  #data(text: string, sign: string, isVariable: boolean): void {
    let kept = text;
    if (sign === '-') kept = text.replace(BLANKS_AT_END, '');
    else if (sign !== '+' && !isVariable) {
      const start = text.lastIndexOf('\n') + 1;
      const canStrip = start > 0 || this.#isAtLineStart;
      if (canStrip && ONLY_BLANKS.test(text.slice(start))) kept = text.slice(0, start);
    }
    if (kept !== '') this.#add('data', kept);
  }

  #raw(): void {
    const end = this.#find(RAW_END);
    if (end === null) throw this.#fail('missing end of raw directive');
    this.#data(this.#source.slice(this.#at, end.index), end[1] ?? '', false);
    this.#to(end.index + end[0].length);
  }

  #comment(): void {
    const end = this.#find(COMMENT_END);
    if (end === null) throw this.#fail('missing end of comment tag');
    this.#to(end.index + end[0].length);
  }

  #inside(kind: 'variable' | 'block', closing: RegExp): void {
    this.#add(`${kind}Begin`, '');
    const open: string[] = [];
    while (this.#at < this.#source.length) {
      const end = open.length === 0 ? this.#match(closing) : undefined;
      if (end !== undefined) {
        this.#add(`${kind}End`, '');
        return this.#to(this.#at + end.length);
      }
      const blank = this.#match(BLANK);
      if (blank !== undefined) this.#to(this.#at + blank.length);
      else this.#token(open);
    }
  }

  #token(open: string[]): void {
    for (const [kind, pattern] of RULES) {
      const text = this.#match(pattern);
      if (text === undefined) continue;
      if (kind === 'operator') this.#balance(text, open);
      if (kind === 'name' && !/^[\p{L}\p{Nl}_]/u.test(text)) {
        throw this.#fail(`invalid character in identifier '${text}'`);
      }
      this.#add(kind, kind === 'string' ? unescapeLiteral(text.slice(1, -1)) : text);
      return this.#to(this.#at + text.length);
    }
    throw this.#fail(`unexpected character '${this.#source.charAt(this.#at)}'`);
  }

  #balance(text: string, open: string[]): void {
    const close = CLOSES[text];
    if (close !== undefined) open.push(close);
    else if (/[)\]}]/.test(text) && open.pop() !== text) throw this.#fail(`unexpected '${text}'`);
  }

  #find(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#source);
  }

  #match(pattern: RegExp): string | undefined {
    return this.#find(pattern)?.[0];
  }

  #to(at: number): void {
    for (let index = this.#at; index < at; index++) {
      if (this.#source.charCodeAt(index) === 10) this.#line++;
    }
    this.#isAtLineStart = at > 0 && this.#source.charAt(at - 1) === '\n';
    this.#at = at;
  }

  #add(kind: Token['kind'], text: string): void {
    this.#tokens.push({ kind, text, line: this.#line });
  }

  #fail(what: string): TemplateFault {
    return new TemplateFault(`line ${this.#line}: ${what}`);
  }
}

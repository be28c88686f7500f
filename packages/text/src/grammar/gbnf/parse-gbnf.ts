/**
 * Reads a context-free grammar as llama.cpp and EBNF write it, into a program.
 *
 *     root ::= "a" item ("," item)*      # rules by name, texts, groups, * + ? {m,n}
 *     item ::= [a-z0-9] | "x" | .        sets, choices, any character
 *
 * `=` and `:` stand for `::=`, a `;` may end a rule. Rules that recur on the left are refused, as
 * is what no text satisfies; what mentions no rule is one automaton. The first rule is the
 * beginning, unless one is called root. Throws: GRAMMAR_*. Source: llama.cpp's GBNF guide.
 */
import { type Budget, refuseGrammar } from '../budget.ts';
import { ALL, invertRanges, joinRanges, type Ranges, toRanges } from '../dfa/ranges.ts';
import { literal, type Regex } from '../regex/expression.ts';

/** A part of a rule: what mentions no rule is an expression. */
export type RulePart =
  | { kind: 'regex'; regex: Regex }
  | { kind: 'rule'; name: string }
  | { kind: 'sequence' | 'choice'; of: readonly RulePart[] }
  | { kind: 'repeat'; of: RulePart; min: number; max: number };

export interface RuleSet {
  rules: ReadonlyMap<string, RulePart>;
  root: string;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*/;
const COUNTS = /^\{\s*(\d{0,9})\s*(?:(,)\s*(\d{0,9})\s*)?\}/;
const ESCAPES: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, b: 8, 0: 0 };

/** Reads the rules of a grammar. */
export function parseGbnf(text: string, budget: Budget): RuleSet {
  budget.checkLength(text.length);
  return new GbnfParser(text, budget).parse();
}

class GbnfParser {
  readonly #text: string;
  readonly #budget: Budget;
  #at = 0;
  #depth = 0;

  constructor(text: string, budget: Budget) {
    this.#text = text;
    this.#budget = budget;
  }

  parse(): RuleSet {
    const rules = new Map<string, RulePart>();
    for (this.#skip(); this.#at < this.#text.length; this.#skip()) {
      const name = this.#name() ?? this.#fail('a rule begins with its name');
      if (!this.#takeMark()) this.#fail(`${name} is not followed by ::=`);
      if (rules.has(name)) this.#fail(`${name} is there already`);
      rules.set(name, this.#choice());
      this.#skip();
      this.#take(';');
    }
    const [first] = rules.keys();
    if (first === undefined) this.#fail('there is no rule');
    return { rules, root: rules.has('root') ? 'root' : first! };
  }

  #takeMark(): boolean {
    this.#skip();
    return this.#take('::=') || this.#take('=') || this.#take(':');
  }

  #choice(): RulePart {
    this.#budget.checkDepth(++this.#depth);
    const of = [this.#sequence()];
    for (this.#skip(); this.#take('|'); this.#skip()) of.push(this.#sequence());
    this.#depth--;
    return of.length === 1 ? of[0]! : joined('choice', of);
  }

  #sequence(): RulePart {
    const of: RulePart[] = [];
    for (let part = this.#item(); part !== undefined; part = this.#item()) {
      this.#budget.takeWork();
      of.push(part);
    }
    return of.length === 1 ? of[0]! : joined('sequence', of);
  }

  #item(): RulePart | undefined {
    this.#skip();
    let part = this.#atom();
    if (part === undefined) return undefined;
    for (let bounds = this.#bounds(); bounds !== undefined; bounds = this.#bounds()) {
      const [min, max] = bounds;
      part =
        part.kind === 'regex'
          ? { kind: 'regex', regex: { kind: 'repeat', of: part.regex, min, max } }
          : { kind: 'repeat', of: part, min, max };
    }
    return part;
  }

  #bounds(): [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    const counts = COUNTS.exec(this.#text.slice(this.#at, this.#at + 40));
    if (counts === null) return undefined;
    const [all, from = '', comma, to = ''] = counts;
    if (from === '' && to === '') this.#fail('{} counts nothing');
    this.#at += all.length;
    const min = Number(from);
    const max = comma === undefined ? min : to === '' ? Infinity : Number(to);
    if (min > max) this.#fail('a count runs backwards');
    return [min, max];
  }

  #atom(): RulePart | undefined {
    const char = this.#text[this.#at];
    if (char === '"' || char === "'") return { kind: 'regex', regex: literal(this.#quoted(char)) };
    if (char === '[') return { kind: 'regex', regex: { kind: 'set', set: this.#set() } };
    if (this.#take('.')) return { kind: 'regex', regex: { kind: 'set', set: ALL } };
    if (this.#take('(')) {
      const of = this.#choice();
      this.#skip();
      if (!this.#take(')')) this.#fail('a bracket is not closed');
      return of;
    }
    const start = this.#at;
    const name = this.#name();
    if (name === undefined) return undefined;
    // A name before a mark begins the next rule.
    const behind = this.#at;
    if (this.#takeMark()) {
      this.#at = start;
      return undefined;
    }
    this.#at = behind;
    return { kind: 'rule', name };
  }

  #quoted(quote: string): string {
    this.#at++;
    let text = '';
    while (!this.#take(quote)) text += String.fromCodePoint(this.#char());
    return text;
  }

  #set(): Ranges {
    this.#at++;
    const isInverted = this.#take('^');
    const sets: Ranges[] = [];
    while (!this.#take(']')) {
      this.#budget.takeWork();
      const low = this.#char();
      const isRange = this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']';
      if (isRange) this.#at++;
      const high = isRange ? this.#char() : low;
      if (low > high) this.#fail('a range runs backwards');
      sets.push(toRanges([low, high]));
    }
    const set = joinRanges(sets);
    return isInverted ? invertRanges(set) : set;
  }

  #char(): number {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return this.#fail('it ends inside quotes');
    this.#at += code > 0xffff ? 2 : 1;
    if (code !== 0x5c) return code;
    const char = this.#text[this.#at++] ?? this.#fail('a backslash at the end');
    const digits = { x: 2, u: 4, U: 8 }[char];
    if (digits === undefined) return ESCAPES[char] ?? char.charCodeAt(0);
    const hex = this.#text.slice(this.#at, this.#at + digits);
    const value = Number.parseInt(hex, 16);
    const isCode = new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(hex) && value <= 0x10ffff;
    if (!isCode) this.#fail(`\\${char} needs ${digits} hexadecimal digits`);
    this.#at += digits;
    return value;
  }

  #name(): string | undefined {
    const name = NAME.exec(this.#text.slice(this.#at, this.#at + 200))?.[0];
    this.#at += name?.length ?? 0;
    return name;
  }

  /** Passes spaces and what is said to people. */
  #skip(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]!;
      if (char === '#') {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.#text.length : end;
      } else if (char !== ' ' && char !== '\t' && char !== '\n' && char !== '\r') return;
    }
  }

  #take(mark: string): boolean {
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  #fail(reason: string): never {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    return refuseGrammar(`grammar, line ${line}`, reason);
  }
}

/** Parts side by side; what is regular stays one expression. */
function joined(kind: 'sequence' | 'choice', of: readonly RulePart[]): RulePart {
  const regexes = of.flatMap((part) => (part.kind === 'regex' ? [part.regex] : []));
  if (regexes.length < of.length) return { kind, of };
  return { kind: 'regex', regex: { kind: kind === 'sequence' ? 'cat' : 'or', of: regexes } };
}

/**
 * Reads a regular expression as ECMAScript writes it, without ever running one.
 *
 * What is not regular, or needs to look back, is refused by name: backreferences, lookbehind, word
 * boundaries, lookahead anywhere but at the beginning. Case and lazy quantifiers choose among
 * matches, not which texts match, so `a+?` is `a+`.
 *
 * Throws: GRAMMAR_INVALID, GRAMMAR_UNSUPPORTED, GRAMMAR_LIMIT. Source: ECMA-262, 22.2.
 */
import type { Budget } from '../budget.ts';
import { invertRanges, joinRanges, toRanges } from '../dfa/ranges.ts';
import type { Ranges } from '../dfa/ranges.ts';
import { LINE_ENDS, type Regex } from './expression.ts';
import { oneCode, type RegexPlace, RegexReader } from './regex-reader.ts';

const COUNT_MAX = 1e9;

/** Reads a pattern. */
export function parseRegex(pattern: string, place: RegexPlace): Regex {
  place.budget.checkLength(pattern.length);
  return new RegexParser(pattern, place).parse();
}

class RegexParser {
  readonly #reader: RegexReader;
  readonly #budget: Budget;
  #depth = 0;

  constructor(pattern: string, place: RegexPlace) {
    this.#reader = new RegexReader(pattern, place.path);
    this.#budget = place.budget;
  }

  parse(): Regex {
    const regex = this.#alternatives();
    if (!this.#reader.isAtEnd) this.#reader.fail('a bracket closes what none opened');
    return regex;
  }

  #alternatives(): Regex {
    this.#budget.checkDepth(++this.#depth);
    const of = [this.#sequence()];
    while (this.#reader.take('|')) of.push(this.#sequence());
    this.#depth--;
    return of.length === 1 ? of[0]! : { kind: 'or', of };
  }

  #sequence(): Regex {
    const of: Regex[] = [];
    while (!this.#reader.isAtEnd && this.#reader.peek() !== '|' && this.#reader.peek() !== ')') {
      this.#budget.takeWork();
      of.push(this.#quantified());
    }
    return of.length === 1 ? of[0]! : { kind: 'cat', of };
  }

  #quantified(): Regex {
    let atom = this.#atom();
    for (let bounds = this.#bounds(); bounds !== undefined; bounds = this.#bounds()) {
      const isPlace = atom.kind === 'begin' || atom.kind === 'end' || atom.kind === 'look';
      if (isPlace) this.#reader.fail('nothing to repeat');
      atom = { kind: 'repeat', of: atom, min: bounds[0], max: bounds[1] };
      this.#reader.take('?');
      if (this.#isQuantifier()) this.#reader.fail('nothing to repeat');
    }
    return atom;
  }

  #isQuantifier(): boolean {
    return ['*', '+', '?'].includes(this.#reader.peek() ?? '');
  }

  #bounds(): [number, number] | undefined {
    if (this.#reader.take('*')) return [0, Infinity];
    if (this.#reader.take('+')) return [1, Infinity];
    if (this.#reader.take('?')) return [0, 1];
    if (this.#reader.peek() !== '{') return undefined;
    const start = this.#reader.at;
    this.#reader.next();
    const min = this.#number();
    let max = min;
    if (min !== undefined && this.#reader.take(',')) max = this.#number() ?? Infinity;
    if (min === undefined || max === undefined || !this.#reader.take('}')) {
      this.#reader.backTo(start); // a brace that counts nothing stands for itself
      return undefined;
    }
    if (min > max) this.#reader.fail(`{${min},${max}} counts backwards`);
    return [min, max];
  }

  #number(): number | undefined {
    let digits = '';
    while (/^[0-9]$/.test(this.#reader.peek() ?? '')) digits += this.#reader.next();
    return digits === '' ? undefined : Math.min(Number(digits), COUNT_MAX);
  }

  #atom(): Regex {
    const char = this.#reader.next();
    switch (char) {
      case '^':
        return { kind: 'begin' };
      case '$':
        return { kind: 'end' };
      case '.':
        return { kind: 'set', set: invertRanges(LINE_ENDS) };
      case '(':
        return this.#group();
      case '[':
        return { kind: 'set', set: this.#class() };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        return this.#reader.fail('nothing to repeat');
      default:
        return oneChar(char.codePointAt(0)!);
    }
  }

  #group(): Regex {
    let look: boolean | undefined;
    if (this.#reader.take('?')) {
      const kind = this.#reader.next();
      if (kind === '=' || kind === '!') look = kind === '!';
      else if (kind === '<') this.#groupName();
      else if (kind !== ':') this.#reader.refuse(`(?${kind}`, 'flags of a part');
    }
    const of = this.#alternatives();
    if (!this.#reader.take(')')) this.#reader.fail('a bracket is not closed');
    return look === undefined ? of : { kind: 'look', of, isNegative: look };
  }

  #groupName(): void {
    const first = this.#reader.next();
    if (first === '=' || first === '!') this.#reader.refuse(`(?<${first}`, 'it looks back');
    if (first === '>') this.#reader.fail('a group without a name');
    while (this.#reader.next() !== '>');
  }

  #escape(): Regex {
    const char = this.#reader.peek() ?? this.#reader.fail('a backslash at the end');
    if (char === 'b' || char === 'B') this.#reader.refuse(`\\${char}`, 'a word boundary');
    if (/^[1-9k]$/.test(char)) this.#reader.refuse(`\\${char}`, 'a backreference is not regular');
    return { kind: 'set', set: this.#reader.escapedSet() };
  }

  // ---- classes

  #class(): Ranges {
    const isInverted = this.#reader.take('^');
    const sets: Ranges[] = [];
    while (!this.#reader.take(']')) {
      this.#budget.takeWork();
      const low = this.#classAtom();
      const isRange = this.#reader.peek() === '-' && this.#reader.peek(1) !== ']';
      if (!isRange) {
        sets.push(low);
        continue;
      }
      this.#reader.next();
      const high = this.#classAtom();
      const isPair = low.length === 2 && high.length === 2 && low[0] === low[1];
      if (!isPair || high[0] !== high[1]) sets.push(low, oneCode(0x2d), high);
      else if (low[0]! > high[0]!) this.#reader.fail('a range runs backwards');
      else sets.push(toRanges([low[0]!, high[0]!]));
    }
    const set = joinRanges(sets);
    return isInverted ? invertRanges(set) : set;
  }

  #classAtom(): Ranges {
    const char = this.#reader.next();
    if (char !== '\\') return oneCode(char.codePointAt(0)!);
    if (this.#reader.take('b')) return oneCode(8);
    if (this.#reader.take('-')) return oneCode(0x2d);
    return this.#reader.escapedSet();
  }
}

function oneChar(code: number): Regex {
  return { kind: 'set', set: oneCode(code) };
}

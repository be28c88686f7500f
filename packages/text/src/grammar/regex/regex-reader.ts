/**
 * The characters of a regular expression, one after the other, and what its escapes stand for.
 */
import { type Budget, refuseGrammar, refuseKeyword } from '../budget.ts';
import { invertRanges, type Ranges, toRanges } from '../dfa/ranges.ts';
import { DIGITS, SPACE, WORD } from './expression.ts';
import { propertyRanges } from './properties.ts';

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** Where a pattern stands, for errors. */
export interface RegexPlace {
  path: string;
  budget: Budget;
}

export class RegexReader {
  readonly #chars: readonly string[];
  readonly #path: string;
  #at = 0;

  constructor(pattern: string, path: string) {
    this.#chars = Array.from(pattern);
    this.#path = path;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#chars.length;
  }

  /** Where it stands; going back is setting it. */
  get at(): number {
    return this.#at;
  }

  backTo(at: number): void {
    this.#at = at;
  }

  peek(ahead = 0): string | undefined {
    return this.#chars[this.#at + ahead];
  }

  next(): string {
    return this.#chars[this.#at++] ?? this.fail('it ends too soon');
  }

  take(char: string): boolean {
    if (this.peek() !== char) return false;
    this.#at++;
    return true;
  }

  fail(reason: string): never {
    return refuseGrammar(this.#path, `regular expression, character ${this.#at}: ${reason}`);
  }

  refuse(what: string, reason: string): never {
    return refuseKeyword(what, this.#path, reason);
  }

  /** The set of an escape, behind its backslash. */
  escapedSet(): Ranges {
    const char = this.next();
    const sets: Record<string, Ranges> = { d: DIGITS, w: WORD, s: SPACE };
    const set = sets[char.toLowerCase()];
    if (set !== undefined) return char === char.toLowerCase() ? set : invertRanges(set);
    if (char === 'p' || char === 'P') return this.#property(char === 'P');
    return oneCode(this.#escapedCode(char));
  }

  #property(isInverted: boolean): Ranges {
    if (!this.take('{')) this.fail('\\p names no property');
    let name = '';
    for (let char = this.next(); char !== '}'; char = this.next()) name += char;
    const ranges = propertyRanges(name);
    if (ranges === undefined) return this.refuse(`\\p{${name.slice(0, 40)}}`, 'not in the list');
    return isInverted ? invertRanges(ranges) : ranges;
  }

  #escapedCode(char: string): number {
    if (Object.hasOwn(CONTROLS, char)) return CONTROLS[char]!;
    if (char === 'c') return this.next().codePointAt(0)! % 32;
    if (char === 'x') return this.#hex(2);
    if (char === 'u') return this.#unicode();
    // Letters mean something or nothing; anything else stands for itself.
    if (/^[A-Za-z0-9]$/.test(char)) this.fail(`\\${char} means nothing`);
    return char.codePointAt(0)!;
  }

  #unicode(): number {
    if (this.take('{')) {
      let digits = '';
      for (let char = this.next(); char !== '}'; char = this.next()) digits += char;
      const code = Number.parseInt(digits, 16);
      if (!/^[0-9a-fA-F]+$/.test(digits) || code > 0x10ffff) this.fail('\\u{ is no character');
      return code;
    }
    const high = this.#hex(4);
    const isPair = (high & 0xfc00) === 0xd800 && this.peek() === '\\' && this.peek(1) === 'u';
    if (!isPair) return high;
    const start = this.#at;
    this.#at += 2;
    const low = this.#hex(4);
    if ((low & 0xfc00) === 0xdc00) return 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
    this.#at = start;
    return high;
  }

  #hex(count: number): number {
    let digits = '';
    for (let i = 0; i < count; i++) digits += this.next();
    if (!/^[0-9a-fA-F]+$/.test(digits)) this.fail('an escape lacks hexadecimal digits');
    return Number.parseInt(digits, 16);
  }
}

/** The set of one character; none if it is a half of one. */
export function oneCode(code: number): Ranges {
  return toRanges([code, code]);
}

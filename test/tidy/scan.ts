/**
 * Tells code from comments and strings in TypeScript, without a parser.
 *
 * TypeScript 7 has no programming interface yet, and the rules need no more than this: two masks
 * as long as the text, each with everything else blanked, so that an index in a mask is an index
 * in the file. A `/` opens a regular expression where a value may begin, and divides elsewhere.
 */
export interface Masks {
  /** The text with comments and the contents of strings and regular expressions blanked. */
  code: string;
  /** The text with everything but comments blanked. */
  comments: string;
}

/** Splits a source into its masks. */
export function scan(text: string): Masks {
  const code: string[] = [];
  const comments: string[] = [];
  const braces: ('block' | 'template')[] = [];
  let index = 0;

  const take = (length: number, kind: 'code' | 'comment' | 'string'): void => {
    for (const char of text.slice(index, index + length).split('')) {
      const blank = char === '\n' ? '\n' : ' ';
      code.push(kind === 'code' ? char : blank);
      comments.push(kind === 'comment' ? char : blank);
    }
    index += length;
  };
  /** Takes a template literal from its backtick or closing brace to its end or next `${`. */
  const takeTemplate = (): void => {
    take(1, 'code');
    const length = lengthUntil(text, index, /`|\$\{/g);
    take(length, 'string');
    if (text[index] === '$') {
      take(2, 'code');
      braces.push('template');
    } else {
      take(1, 'code');
    }
  };

  while (index < text.length) {
    const char = text[index];
    const pair = text.slice(index, index + 2);
    if (pair === '//') {
      take(lengthUntil(text, index, /\n/g), 'comment');
    } else if (pair === '/*') {
      take(lengthUntil(text, index, /\*\//g) + 2, 'comment');
    } else if (char === "'" || char === '"') {
      take(1, 'code');
      take(lengthUntil(text, index, char === '"' ? /"|\n/g : /'|\n/g), 'string');
      take(1, 'code');
    } else if (char === '`') {
      takeTemplate();
    } else if (char === '}' && braces.pop() === 'template') {
      takeTemplate();
    } else if (char === '/' && isValueExpected(code)) {
      take(1, 'code');
      take(lengthUntil(text, index, /\/|\n/g), 'string');
      take(1, 'code');
    } else {
      if (char === '{') braces.push('block');
      take(1, 'code');
    }
  }
  return { code: code.join(''), comments: comments.join('') };
}

/** Line number, from 1, of an index. */
export function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Length from `start` to the next match that no backslash or character class hides. */
function lengthUntil(text: string, start: number, end: RegExp): number {
  const isRegExp = end.source.startsWith('\\/');
  let isInClass = false;
  for (let index = start; index < text.length; index++) {
    const char = text[index];
    if (char === '\\') {
      index += 1;
      continue;
    }
    if (isRegExp && char === '[') isInClass = true;
    if (isRegExp && char === ']') isInClass = false;
    end.lastIndex = index;
    if (!isInClass && end.exec(text)?.index === index) return index - start;
  }
  return text.length - start;
}

function isValueExpected(code: readonly string[]): boolean {
  let index = code.length - 1;
  while (index >= 0 && /\s/.test(code[index] ?? '')) index -= 1;
  const before = code.slice(Math.max(0, index - 9), index + 1).join('');
  // `a! / b` and `i++ / b` divide; `!/x/` does not.
  if (/(?:[\w)\]]!|\+\+|--)$/.test(before)) return false;
  return before === '' || /(?:[(,=:[!&|?{;<>+*%^~-]|\b(?:return|typeof|case|in|of))$/.test(before);
}

/**
 * What a file imports, read from its masks: static, dynamic and re-exported alike.
 */
import { posix } from 'node:path';
import type { SourceFile } from './files.ts';
import { lineOf, scan } from './scan.ts';

export interface Import {
  specifier: string;
  line: number;
  /** Whether it disappears when types are stripped. */
  isType: boolean;
  /** Whether it is loaded when the line is reached, not before the file runs. */
  isLazy: boolean;
}

const PATTERN =
  /(?<![.\w])(?:(import|export)\b(\s+type\b)?[^;'"`()]*?\bfrom\s*['"]|import\s*\(?\s*['"])/g;

/** Lists the imports of a source. */
export function importsOf(text: string): Import[] {
  const { code } = scan(text);
  return [...code.matchAll(PATTERN)].map((match) => {
    const start = match.index + match[0].length;
    const quote = text[start - 1] ?? "'";
    const specifier = text.slice(start, text.indexOf(quote, start));
    const isLazy = match[0].includes('(');
    return {
      specifier,
      line: lineOf(text, match.index),
      isType: match[2] !== undefined,
      isLazy,
    };
  });
}

/** Path from the root that a relative import names. */
export function resolveImport(from: SourceFile, specifier: string): string {
  return posix.join(posix.dirname(from.path), specifier);
}

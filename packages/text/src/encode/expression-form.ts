/**
 * Whether an expression repeats a group that can match a text in more than one way.
 *
 *     (a+)+   (a|b)*   (a?b){9}   (?=(a*)+)       such: a text of n letters may have 2^n ways
 *     (?:\d{3})+   (?:'s|'t)?   \s+(?!\S)         not such
 *
 * It goes by form alone, and so finds harmless ones, too.
 */

interface Quantifier {
  length: number;
  /** Allows two times or more. */
  isRepeat: boolean;
  /** Leaves open how often. */
  isOpen: boolean;
}

const QUANTIFIER = /(?:[*+?]|\{(\d+)(,)?(\d*)\})\??/y;
/** An escape, with what belongs to it in braces or angles. */
const ESCAPE = /\\(?:[pPu]\{[^}]*\}|k<[^>]*>|[^])/y;
/** A class without an inner one, as flag `u` has them. */
const CLASS = /\[(?:\\[^]|[^\]\\])*\]/y;

/** `source`: of an expression that was compiled with flag `u`. */
export function repeatsChoice(source: string): boolean {
  /** Per open group, outermost first: whether it can match in more than one way. */
  const groups = [false];
  const note = (): void => void (groups[groups.length - 1] = true);
  for (let at = 0; at < source.length;) {
    const atom = matchAt(ESCAPE, source, at)?.[0] ?? matchAt(CLASS, source, at)?.[0] ?? '';
    const character = source.charAt(at);
    at += Math.max(1, atom.length);
    if (character === '(') {
      groups.push(false);
      // No quantifier: it tells the kind of the group.
      if (source.charAt(at) === '?') at++;
      continue;
    }
    if (character === '|') note();
    const hasChoice = character === ')' && groups.pop() === true;
    const quantifier = quantifierAt(source, at);
    if (hasChoice && quantifier?.isRepeat === true) return true;
    if (hasChoice || quantifier?.isOpen === true) note();
    at += quantifier?.length ?? 0;
  }
  return false;
}

function quantifierAt(source: string, at: number): Quantifier | undefined {
  const match = matchAt(QUANTIFIER, source, at);
  if (match === undefined) return undefined;
  const [text, least, comma, most] = match;
  const { length } = text;
  if (least === undefined) return { length, isRepeat: !text.startsWith('?'), isOpen: true };
  if (comma === undefined) return { length, isRepeat: Number(least) > 1, isOpen: false };
  return { length, isRepeat: most === '' || Number(most) > 1, isOpen: most !== least };
}

function matchAt(expression: RegExp, source: string, at: number): RegExpExecArray | undefined {
  expression.lastIndex = at;
  return expression.exec(source) ?? undefined;
}

/**
 * What a terminal can show, as the environment tells: control codes, and marks beyond ASCII.
 */

type Environment = Readonly<Record<string, string | undefined>>;

export interface TerminalKind {
  /** It takes control codes for text. */
  isPlain: boolean;
  /** Its letters are of a locale without UTF-8, where our marks would be others. */
  isAscii: boolean;
}

/** Of TERM and the locale. Where no locale is set, as in many a container, UTF-8 is usual. */
export function terminalKind(environment: Environment): TerminalKind {
  const { TERM, LC_ALL, LC_CTYPE, LANG } = environment;
  const locale = LC_ALL || LC_CTYPE || LANG || 'UTF-8';
  return { isPlain: TERM === 'dumb', isAscii: !/utf-?8/i.test(locale) };
}

/** A cut through the wafer stays another line than the edge of a tile. */
const MARKS = '·×µ…–—’“”→←⇄│─┌┐└┘├┤┬┴┼║═╞╡╥╨╪╫╬█░';
const ASCII = '-xu.--' + `'""` + '><=|-' + '+'.repeat(9) + '#='.padEnd(9, '#') + '#.';

/** A text of ours in ASCII, each mark by one that takes as much room; others' letters stay. */
export function asciiMarks(text: string): string {
  return text.replaceAll(/[^\0-~]/g, (mark) => ASCII[MARKS.indexOf(mark)] ?? mark);
}

/**
 * Help that knows the width of the terminal: terms and what they mean in two columns, or below each
 * other where that leaves too little room; prose breaks at spaces.
 *
 *     --grid <WxH>   tiles of the wafer      wide
 *
 *     --grid <WxH>                           narrow
 *         tiles of the wafer
 */
import { maxOf } from '@wafer/core';

/** What is said about a term has at least this much room beside it, columns. */
const ROOM_MIN = 22;
const INDENT_BELOW = 4;
/** Below this nothing is readable. */
const WIDTH_MIN = 20;

/** What commander knows of an option or an argument. */
interface HelpValue {
  description: string;
  argChoices?: readonly string[];
  defaultValue?: unknown;
  defaultValueDescription?: string;
  /** Of an option: whether it takes a value. */
  required?: boolean;
  optional?: boolean;
}

/** What a value is for, as `how chips share a layer (megatron or column; default: megatron)`. */
export function describeValue(value: HelpValue): string {
  const { description, argChoices: choices = [], defaultValue, required, optional } = value;
  const [, words = '', told] = /^(.*?)(?: ?\(default: ([^()]*)\))?$/s.exec(description)!;
  const takesNone = required === false && optional === false;
  const own = defaultValue === undefined || takesNone ? [] : [defaultValue].flat().join(',');
  const usual = told ?? value.defaultValueDescription ?? own;
  const parts = [
    ...(choices.length > 1 ? [`${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`] : []),
    ...(usual.length > 0 ? [`default: ${String(usual)}`] : []),
  ];
  return [words, ...(parts.length > 0 ? [`(${parts.join('; ')})`] : [])].join(' ').trim();
}

/** No line is wider than `width` columns, but for a single word that is. */
export function wrapHelp(text: string, width: number): string {
  if (width === Infinity) return text;
  const most = Math.max(width, WIDTH_MIN);
  const end = text.endsWith('\n') ? '\n' : '';
  const lines = paragraphsOf(text, most);
  return blocksOf(lines)
    .flatMap((block) => {
      // All of a list stand alike.
      const isBelow = block.some((line) => line.length > most && most - columnOf(line) < ROOM_MIN);
      return block.flatMap((line) => wrapLine(line, { width: most, isBelow }));
    })
    .join('\n')
    .concat(end);
}

/** Lines up to an empty one, which begins the next block. */
function blocksOf(lines: readonly string[]): string[][] {
  const blocks: string[][] = [[]];
  for (const line of lines) {
    if (line === '') blocks.push([]);
    blocks.at(-1)!.push(line);
  }
  return blocks;
}

/** A term, the gap behind it, and what is said about it. */
const ITEM = /^( *\S.*?)( {2,})(\S.*)$/;

/** Where what is said about a term begins; 0 where there is none. */
function columnOf(line: string): number {
  const [, term = '', gap = ''] = ITEM.exec(line) ?? [];
  return term.length + gap.length;
}

/** The lines; those of a paragraph of prose that does not fit are one. */
function paragraphsOf(text: string, width: number): string[] {
  return text.split(/(?<=\n)(?=\n| )|(?<=\n\n)/).flatMap((part) => {
    const own = part.replace(/\n$/, '').split('\n');
    const isProse = own.length > 1 && own.every((line) => /^\S/.test(line));
    return isProse && own.some((line) => line.length > width) ? [own.join(' ')] : own;
  });
}

function wrapLine(line: string, { width, isBelow }: { width: number; isBelow: boolean }): string[] {
  if (line.length <= width && !(isBelow && columnOf(line) > 0)) return [line];
  const indent = /^ */.exec(line)![0].length;
  const [, term, gap, meaning] = ITEM.exec(line) ?? [];
  if (term === undefined || gap === undefined || meaning === undefined) {
    // An example that goes on stands further right than a new one, where its words fit there.
    const longest = maxOf(line.split(' ').map((word) => word.length));
    const room = Math.max(0, Math.min(Math.floor(width / 4), width - longest));
    const rest = indent === 0 ? 0 : Math.min(indent + INDENT_BELOW, room);
    return wrapWords(line, { width, first: indent, rest });
  }
  const column = term.length + gap.length;
  if (!isBelow) {
    const beside = wrapWords(meaning, { width, first: column, rest: column });
    return [term + gap + beside[0]!.trimStart(), ...beside.slice(1)];
  }
  const below = indent + INDENT_BELOW;
  return [
    ...wrapWords(term, { width, first: indent, rest: below }),
    ...wrapWords(meaning, { width, first: below, rest: below }),
  ];
}

/** Lines of at most `width`, indented by so many spaces. */
function wrapWords(
  text: string,
  { width, first, rest }: { width: number; first: number; rest: number },
): string[] {
  const lines: string[] = [];
  let line = ' '.repeat(first);
  for (const word of text.trim().split(/ +/)) {
    const isFresh = line.trim() === '';
    if (rest + word.length > width && word.includes(',')) {
      for (const part of word.split(/(?<=,)/)) {
        if (line.trim() !== '' && line.length + part.length > width) {
          lines.push(line.trimEnd());
          line = ' '.repeat(rest);
        }
        line += line.trim() === '' || line.endsWith(',') ? part : ` ${part}`;
      }
      continue;
    }
    if (!isFresh && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(rest) + word;
    } else line += isFresh ? word : ` ${word}`;
  }
  lines.push(line);
  return lines;
}

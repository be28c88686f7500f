/**
 * Filters of texts.
 *
 * Source: Jinja2 3.1, "List of Builtin Filters".
 */
import { TemplateFault, TypeFault, ValueFault } from '../errors.ts';
import { escapeHtml, escapeText } from '../html.ts';
import { jsonOptions, writeJson } from '../json.ts';
import { padText } from '../pad.ts';
import { formatPercent } from '../percent-format.ts';
import type { Filter } from '../scope.ts';
import { asInteger, asPlainText, asText } from '../signature.ts';
import { capitalize, lower, upper } from '../text-cases.ts';
import { linesOf, replaceText, strip } from '../text-methods.ts';
import { characters, clean, lengthOf, mapText, sliceText, SPACE } from '../text.ts';
import { Dict, isText, Markup, textOf, Tuple, type Value } from '../values.ts';
import { write } from '../write.ts';
import { listOf, tryLength } from '../operators.ts';
import { filter, isSet, textFilter } from './shared.ts';
import { wrapText } from './wrap.ts';

const WORD_BEGIN = new RegExp(`([-${SPACE}({\\[<]+)`);

function title(text: string): string {
  const plain = clean(text);
  let made = '';
  let at = 0;
  for (const part of plain.split(WORD_BEGIN)) {
    const own = text.slice(at, at + part.length);
    const [first = '', ...rest] = characters(own);
    made += upper(first) + lower(rest.join(''));
    at += part.length;
  }
  return made;
}

const replace = filter(
  ['old', 'new', 'count'],
  (value, [old = '', made = '', count = null]) => {
    const most = count === null ? -1 : asInteger(count, -1);
    return replaceText(write(value), [write(old), write(made)], most);
  },
  2,
);

const indent = filter(['width', 'first', 'blank'], (value, [width = 4n, isFirst, isBlank]) => {
  if (!isText(value)) throw new TypeFault('indent works on texts');
  const space = isText(width) ? textOf(width) : ' '.repeat(Math.max(0, asInteger(width, 4)));
  const lines = linesOf(`${textOf(value)}\n`);
  const indented = lines.map((line, index) =>
    index > 0 && (isSet(isBlank) || line !== '') ? space + line : line,
  );
  const text = (isSet(isFirst) ? space : '') + indented.join('\n');
  return value instanceof Markup ? new Markup(text) : text;
});

const truncate = filter(
  ['length', 'killwords', 'end', 'leeway'],
  (value, [size, killsWords, end = '...', leeway = null]) => {
    const most = asInteger(size, 255);
    const slack = leeway === null ? 5 : asInteger(leeway, 5);
    const tail = asText(end);
    const kept = most - lengthOf(tail);
    if (kept < 0 || slack < 0) throw new TemplateFault(`truncate to ${most} with '${tail}'`);
    const count = tryLength(value);
    if (count !== undefined && count <= most + slack) return value;
    const text = asText(value);
    const cut = sliceText(text, 0, kept);
    if (isSet(killsWords)) return cut + tail;
    const at = clean(cut).lastIndexOf(' ');
    return (at === -1 ? cut : cut.slice(0, at)) + tail;
  },
);

const wordwrap = filter(
  ['width', 'break_long_words', 'wrapstring', 'break_on_hyphens'],
  (value, [width, breaksLong = true, end = null, breaksHyphens = true]) => {
    const newline = end === null ? '\n' : asText(end);
    const options = {
      width: asInteger(width, 79),
      breaksLong: isSet(breaksLong),
      breaksHyphens: isSet(breaksHyphens),
    };
    return linesOf(asText(value))
      .map((line) => wrapText(line, options).join(newline))
      .join(newline);
  },
);

const format: Filter = (value, { list, named }) => {
  if (list.length > 0 && named.size > 0) {
    throw new TemplateFault('format takes values by place or by name, not both');
  }
  const values = named.size > 0 ? Dict.from(named) : new Tuple(list);
  return formatPercent(isText(value) ? value : write(value), values);
};

function stripTags(text: string): string {
  let plain = clean(text);
  for (const [open, close] of [
    ['<!--', '-->'],
    ['<', '>'],
  ] as const) {
    for (let at = plain.indexOf(open); at !== -1; at = plain.indexOf(open)) {
      const end = plain.indexOf(close, at);
      if (end === -1) break;
      plain = plain.slice(0, at) + plain.slice(end + close.length);
    }
  }
  const words = plain.split(new RegExp(`[${SPACE}]+`)).filter((word) => word !== '');
  const entities = { lt: '<', gt: '>', quot: '"', '#34': '"', '#39': "'", apos: "'", amp: '&' };
  const text_ = words.join(' ').replace(/&(lt|gt|quot|#34|#39|apos|amp);/g, (_, name: string) => {
    return entities[name as keyof typeof entities];
  });
  return mapText(text_, (part) => part);
}

const encoder = new TextEncoder();

function urlQuote(value: Value, isQuery: boolean): string {
  const plain = clean(write(value));
  const safe = isQuery ? /[\w.~-]/ : /[\w.~/-]/;
  let made = '';
  for (const char of plain) {
    if (char.length === 1 && char < '\x7f' && safe.test(char)) made += char;
    else if (isQuery && char === ' ') made += '+';
    else for (const byte of encoder.encode(char)) made += `%${hex(byte)}`;
  }
  return made;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

function pairOf(value: Value): Value[] {
  const pair = listOf(value);
  if (pair.length !== 2) throw new ValueFault('a pair has two parts');
  return pair;
}

const urlencode = filter([], (value) => {
  const isWhole =
    isText(value) || value === null || ['bigint', 'number', 'boolean'].includes(typeof value);
  if (isWhole) return urlQuote(value, false);
  const pairs = value instanceof Dict ? value.entries() : listOf(value).map(pairOf);
  return pairs
    .map(([key = null, item = null]) => `${urlQuote(key, true)}=${urlQuote(item, true)}`)
    .join('&');
});

const tojson = filter(['ensure_ascii', 'indent', 'separators', 'sort_keys'], (value, given) =>
  writeJson(value, jsonOptions(given)),
);

const escape = filter([], (value) => escapeHtml(value));

export const TEXT_FILTERS: readonly (readonly [string, Filter])[] = [
  ['upper', textFilter([], upper)],
  ['lower', textFilter([], lower)],
  ['capitalize', textFilter([], capitalize)],
  ['title', filter([], (value) => title(write(value)))],
  ['trim', textFilter(['chars'], (text, [chars]) => strip(text, 'both', asPlainText(chars)))],
  ['replace', replace],
  ['indent', indent],
  ['truncate', truncate],
  ['wordwrap', wordwrap],
  [
    'wordcount',
    filter([], (value) => BigInt(clean(write(value)).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)),
  ],
  [
    'center',
    textFilter(['width'], (text, [width]) =>
      padText(text, { width: asInteger(width, 80), fill: ' ', side: 'center' }),
    ),
  ],
  ['format', format],
  ['string', filter([], (value) => (value instanceof Markup ? value : write(value)))],
  ['safe', filter([], (value) => new Markup(write(value)))],
  ['e', escape],
  ['escape', escape],
  ['forceescape', filter([], (value) => new Markup(escapeText(write(value))))],
  ['striptags', filter([], (value) => stripTags(write(value)))],
  ['urlencode', urlencode],
  ['tojson', tojson],
];

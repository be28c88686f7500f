/**
 * Filters of lists and dicts.
 *
 * Source: Jinja2 3.1, "List of Builtin Filters".
 */
import { TemplateFault, TypeFault } from '../errors.ts';
import { escapeHtml } from '../html.ts';
import {
  holds,
  isEqual,
  isTrue,
  iterate,
  listOf,
  operate,
  sorted,
  tryLength,
} from '../operators.ts';
import type { Filter, Rendering } from '../scope.ts';
import { asInteger } from '../signature.ts';
import { characters, clean } from '../text.ts';
import {
  Dict,
  Grouping,
  isText,
  Items,
  keyOf,
  Markup,
  textOf,
  Tuple,
  typeName,
  Undefined,
  type Arguments,
  type Value,
} from '../values.ts';
import { write } from '../write.ts';
import { filter, ignoreCase, isSet, reach, reachAll } from './shared.ts';

const length = filter([], (value) => {
  const count = tryLength(value);
  if (count === undefined) throw new TypeFault(`object of type '${typeName(value)}' has no len()`);
  return BigInt(count);
});

const first = filter([], (value) => {
  const next = iterate(value).next();
  return next.done === true ? new Undefined('no first item, sequence was empty') : next.value;
});

const last = filter([], (value) => {
  if (value instanceof Items) {
    throw new TypeFault(`'${typeName(value)}' object is not reversible`);
  }
  const item = listOf(value).at(-1);
  return item === undefined ? new Undefined('no last item, sequence was empty') : item;
});

const reverse = filter([], (value) => {
  if (isText(value)) {
    const text = characters(textOf(value)).toReversed().join('');
    return value instanceof Markup ? new Markup(text) : text;
  }
  const items = listOf(value).toReversed();
  // What Python can go through backwards it does so; else there is a list.
  return value instanceof Items ? items : new Items(items, 'list_reverseiterator');
});

const join = filter(['d', 'attribute'], (value, [separator = '', attribute = null]) => {
  const items = listOf(value);
  const chosen = attribute === null ? items : items.map(reach(attribute));
  return chosen.map(write).join(write(separator));
});

const sort = filter(
  ['reverse', 'case_sensitive', 'attribute'],
  (value, [isReverse, isSensitive, attribute = null]) => {
    const change = isSet(isSensitive) ? (item: Value): Value => item : ignoreCase;
    return sorted(listOf(value), reachAll(attribute, change), isSet(isReverse));
  },
);

const dictsort = filter(
  ['case_sensitive', 'by', 'reverse'],
  (value, [isSensitive, by = 'key', isReverse]) => {
    const place = isText(by) ? ['key', 'value'].indexOf(clean(textOf(by))) : -1;
    if (place === -1) throw new TemplateFault('dictsort sorts by "key" or "value"');
    const key = (pair: [Value, Value]): Value => {
      const part = pair[place] ?? null;
      return isSet(isSensitive) ? part : ignoreCase(part);
    };
    const pairs = sorted(dictOf(value).entries(), key, isSet(isReverse));
    return pairs.map((pair) => new Tuple(pair));
  },
);

function dictOf(value: Value): Dict {
  if (value instanceof Undefined) throw value.fail();
  if (value instanceof Dict) return value;
  throw new TypeFault(`'${typeName(value)}' object has no items`);
}

const unique = filter(['case_sensitive', 'attribute'], (value, [isSensitive, attribute = null]) => {
  const get = reach(attribute);
  const choose = function* (): Generator<Value> {
    const seen = new Set<string>();
    for (const item of listOf(value)) {
      const reached = get(item);
      const key = keyOf(isSet(isSensitive) ? reached : ignoreCase(reached));
      if (seen.has(key)) continue;
      seen.add(key);
      yield item;
    }
  };
  return new Items(choose());
});

/** The smallest or the largest item: the first of several. */
function extreme(comparison: '<' | '>'): Filter {
  return filter(['case_sensitive', 'attribute'], (value, [isSensitive, attribute = null]) => {
    const get = reach(attribute);
    const keyed = (item: Value): Value => (isSet(isSensitive) ? get(item) : ignoreCase(get(item)));
    const [begin, ...items] = listOf(value);
    if (begin === undefined) return new Undefined('no aggregated item, sequence was empty');
    let best = { item: begin, key: keyed(begin) };
    for (const item of items) {
      const key = keyed(item);
      if (holds(comparison, key, best.key)) best = { item, key };
    }
    return best.item;
  });
}

const sum = filter(['attribute', 'start'], (value, [attribute = null, start = 0n]) => {
  if (isText(start)) throw new TypeFault("sum() can't sum strings");
  const items = attribute === null ? listOf(value) : listOf(value).map(reach(attribute));
  return items.reduce((total, item) => operate('+', total, item), start);
});

const groupby = filter(
  ['attribute', 'default', 'case_sensitive'],
  (value, [attribute = null, missing, isSensitive]) => {
    const get = reach(attribute, missing);
    const key = (item: Value): Value => (isSet(isSensitive) ? get(item) : ignoreCase(get(item)));
    const groups: { key: Value; items: Value[] }[] = [];
    for (const item of sorted(listOf(value), key, false)) {
      const group = groups.at(-1);
      if (group !== undefined && isEqual(group.key, key(item))) group.items.push(item);
      else groups.push({ key: key(item), items: [item] });
    }
    return groups.map(
      ({ key: found, items }) =>
        new Grouping(isSet(isSensitive) ? found : get(items[0] ?? null), items),
    );
  },
  1,
);

const batch = filter(
  ['linecount', 'fill_with'],
  (value, [size, fill = null]) => {
    const count = asInteger(size, 1);
    const rows: Value[][] = [];
    for (const item of listOf(value)) {
      const row = rows.at(-1);
      if (row === undefined || row.length === count) rows.push([item]);
      else row.push(item);
    }
    const row = rows.at(-1);
    if (fill !== null) while (row !== undefined && row.length < count) row.push(fill);
    return new Items(rows);
  },
  1,
);

const slice = filter(
  ['slices', 'fill_with'],
  (value, [slices, fill = null]) => {
    const items = listOf(value);
    const count = asInteger(slices, 1);
    if (count === 0) throw new TemplateFault('integer division or modulo by zero');
    const each = Math.floor(items.length / count);
    const extra = items.length - each * count;
    const rows: Value[][] = [];
    for (let index = 0, at = 0; index < count; index++) {
      const size = each + (index < extra ? 1 : 0);
      const row = items.slice(at, at + size);
      at += size;
      if (fill !== null && index >= extra) row.push(fill);
      rows.push(row);
    }
    return new Items(rows);
  },
  1,
);

const items = filter([], (value) => {
  if (value instanceof Undefined) return new Items([]);
  if (!(value instanceof Dict)) throw new TypeFault('Can only get item pairs from a mapping.');
  return new Items(value.entries().map((pair) => new Tuple(pair)));
});

// ---- filters that use others

const map: Filter = (value, { list, named }, rendering) => {
  if (!isTrue(value)) return new Items([]);
  const [name, ...rest] = list;
  const attribute = named.get('attribute');
  if (name === undefined && attribute !== undefined) {
    const others = [...named.keys()].filter((key) => !['attribute', 'default'].includes(key));
    if (others.length > 0) throw new TemplateFault(`unexpected keyword argument '${others[0]}'`);
    return new Items(mapped(value, reach(attribute, named.get('default'))));
  }
  if (name === undefined) throw new TemplateFault('map requires a filter argument');
  const change = byName(rendering.surroundings.filters, name, 'filter');
  return new Items(mapped(value, (item) => change(item, { list: rest, named }, rendering)));
};

function* mapped(value: Value, change: (item: Value) => Value): Generator<Value> {
  const iterator = iterate(value);
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    yield change(next.value);
  }
}

function byName<T>(known: ReadonlyMap<string, T>, name: Value, kind: string): T {
  const text = isText(name) ? clean(textOf(name)) : '';
  const found = known.get(text);
  if (found === undefined) throw new TemplateFault(`no ${kind} named '${text}'`);
  return found;
}

/** Keeps or drops items that pass a test, of their own or of what a path reaches in them. */
function choose({ keeps, hasPath }: { keeps: boolean; hasPath: boolean }): Filter {
  return (value, given, rendering) => {
    if (!isTrue(value)) return new Items([]);
    const test = itemTest(given, rendering, hasPath);
    const pick = function* (): Generator<Value> {
      const iterator = iterate(value);
      for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
        if (test(next.value) === keeps) yield next.value;
      }
    };
    return new Items(pick());
  };
}

function itemTest(
  { list, named }: Arguments,
  rendering: Rendering,
  hasPath: boolean,
): (item: Value) => boolean {
  const [path, ...others] = list;
  if (hasPath && path === undefined)
    throw new TemplateFault('missing parameter for attribute name');
  const get = hasPath ? reach(path ?? null) : (item: Value): Value => item;
  const [name, ...rest] = hasPath ? others : list;
  if (name === undefined) return (item) => isTrue(get(item));
  const test = byName(rendering.surroundings.tests, name, 'test');
  return (item) => test(get(item), { list: rest, named });
}

const list = filter([], (value) => listOf(value));

const xmlattr = filter(['autospace'], (value, [hasSpace = true]) => {
  const parts = dictOf(value)
    .entries()
    .filter(([, item]) => item !== null && !(item instanceof Undefined))
    .map(([key, item]) => {
      const name = write(key);
      if (/[\s/>=]/.test(clean(name))) throw new TemplateFault(`'${name}' is no attribute's name`);
      return `${escapeHtml(key).text}="${escapeHtml(item).text}"`;
    });
  const text = parts.join(' ');
  return isSet(hasSpace) && text !== '' ? ` ${text}` : text;
});

export const LIST_FILTERS: readonly (readonly [string, Filter])[] = [
  ['length', length],
  ['count', length],
  ['first', first],
  ['last', last],
  ['reverse', reverse],
  ['join', join],
  ['sort', sort],
  ['dictsort', dictsort],
  ['unique', unique],
  ['min', extreme('<')],
  ['max', extreme('>')],
  ['sum', sum],
  ['groupby', groupby],
  ['batch', batch],
  ['slice', slice],
  ['items', items],
  ['map', map],
  ['select', choose({ keeps: true, hasPath: false })],
  ['reject', choose({ keeps: false, hasPath: false })],
  ['selectattr', choose({ keeps: true, hasPath: true })],
  ['rejectattr', choose({ keeps: false, hasPath: true })],
  ['list', list],
  ['xmlattr', xmlattr],
];

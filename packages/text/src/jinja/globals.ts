/**
 * What a template has besides the variables that it is given.
 *
 * Source: Jinja2 3.1, "List of Global Functions"; transformers' chat templates.
 */
import { makeDict } from './container-methods.ts';
import { TemplateRefusal, SizeLimit, TypeFault, ValueFault } from './errors.ts';
import { asText, method, parametersOf } from './signature.ts';
import { clean } from './text.ts';
import {
  Callable,
  Cycler,
  isInteger,
  isText,
  Namespace,
  numberOf,
  RangeValue,
  textOf,
  typeName,
  type Value,
} from './values.ts';
import { write } from './write.ts';

/** The sandbox makes no longer ranges. */
const RANGE_MAX = 100_000;

function range(list: readonly Value[]): RangeValue {
  const [first = 0n, second, step = 1n] = list.map((value) => {
    if (!isInteger(value)) throw new TypeFault(`range() of '${typeName(value)}'`);
    return BigInt(numberOf(value));
  });
  if (step === 0n) throw new ValueFault('range() arg 3 must not be zero');
  const made =
    second === undefined ? new RangeValue(0n, first, step) : new RangeValue(first, second, step);
  if (made.length > RANGE_MAX) {
    throw new SizeLimit(`a range of ${made.length} items`, RANGE_MAX);
  }
  return made;
}

function joiner(separator: string): Callable {
  let isUsed = false;
  return method('joiner', [0, 0], () => {
    const text = isUsed ? separator : '';
    isUsed = true;
    return text;
  });
}

/** Global functions; `strftime` writes the time of the rendering. */
export function globalFunctions(strftime: (format: string) => string): Map<string, Value> {
  return new Map<string, Value>([
    ['range', method('range', [1, 3], range)],
    ['dict', new Callable('dict', ({ list, named }) => makeDict(list, named))],
    [
      'namespace',
      new Callable('namespace', ({ list, named }) => {
        const namespace = new Namespace();
        for (const [key, value] of makeDict(list, named).entries()) {
          if (isText(key)) namespace.attributes.set(clean(textOf(key)), value);
        }
        return namespace;
      }),
    ],
    [
      'cycler',
      new Callable('cycler', ({ list }) => {
        if (list.length === 0) throw new TypeFault('at least one item has to be provided');
        return new Cycler(list);
      }),
    ],
    [
      'joiner',
      new Callable('joiner', (given) => {
        const [separator = ', '] = parametersOf(given, ['sep']);
        return joiner(asText(separator));
      }),
    ],
    [
      'raise_exception',
      new Callable('raise_exception', (given) => {
        const [message = ''] = parametersOf(given, ['message'], { least: 1 });
        throw new TemplateRefusal(clean(write(message)));
      }),
    ],
    [
      'strftime_now',
      new Callable('strftime_now', (given) => {
        const [format] = parametersOf(given, ['format'], { least: 1 });
        return strftime(clean(asText(format)));
      }),
    ],
  ]);
}

/**
 * Arguments of a function by the names of its parameters.
 */
import { TypeFault } from './errors.ts';
import { clean } from './text.ts';
import {
  Callable,
  isInteger,
  isText,
  numberOf,
  textOf,
  typeName,
  type Arguments,
  type Value,
} from './values.ts';

/**
 * The arguments by parameter, undefined where one is not given. `least` of them must be given; from
 * `positional` on (all of them unless given) they may have names. Throws: TypeFault.
 */
export function parametersOf(
  { list, named }: Arguments,
  names: readonly string[],
  { least = 0, unnamed = 0 }: { least?: number; unnamed?: number } = {},
): (Value | undefined)[] {
  if (list.length > names.length) {
    throw new TypeFault(`takes ${names.length} arguments, ${list.length} were given`);
  }
  const values: (Value | undefined)[] = names.map((_, index) => list[index]);
  for (const [name, value] of named) {
    const index = names.indexOf(name);
    if (index < unnamed || index < list.length)
      throw new TypeFault(`unexpected argument '${name}'`);
    values[index] = value;
  }
  for (let index = 0; index < least; index++) {
    if (values[index] === undefined) throw new TypeFault(`argument '${names[index]}' is missing`);
  }
  return values;
}

/** A str argument's characters. Throws: TypeFault. */
export function asText(value: Value | undefined, what = 'argument'): string {
  if (value !== undefined && isText(value)) return textOf(value);
  throw new TypeFault(
    `${what} must be str, not ${value === undefined ? 'absent' : typeName(value)}`,
  );
}

/** A str argument that may be None or absent; what it says. */
export function asPlainText(value: Value | undefined): string | undefined {
  return value === undefined || value === null ? undefined : clean(asText(value));
}

/** An int argument; `missing` where it is absent. Throws: TypeFault. */
export function asInteger(value: Value | undefined, missing: number): number {
  if (value === undefined) return missing;
  if (!isInteger(value)) {
    throw new TypeFault(`'${typeName(value)}' object cannot be interpreted as an integer`);
  }
  return Number(numberOf(value));
}

/** A method without keyword arguments that takes between so many arguments. */
export function method(
  name: string,
  [least, most]: readonly [number, number],
  run: (list: readonly Value[]) => Value,
): Callable {
  return new Callable(name, ({ list, named }) => {
    if (named.size > 0) throw new TypeFault(`${name}() takes no keyword arguments`);
    if (list.length < least || list.length > most) {
      throw new TypeFault(`${name}() takes ${least} to ${most} arguments, not ${list.length}`);
    }
    return run(list);
  });
}

/**
 * What `loop` is inside a loop: where it stands, and what comes before and after.
 *
 * Parts are taken one by one, one ahead at most where a template asks for it; only asking for the
 * length of something without one takes all.
 *
 * Source: Jinja2 3.1, "Template Designer Documentation" (for), and its behavior.
 */
import { TypeFault } from './errors.ts';
import { isEqual, iterate, tryLength } from './operators.ts';
import {
  Callable,
  Items,
  Tuple,
  Undefined,
  type Arguments,
  type Loop,
  type Value,
} from './values.ts';

export class LoopState implements Loop {
  readonly kind = 'loop' as const;
  readonly #recurse: ((items: Value, depth: bigint) => Value) | undefined;
  readonly #depth: bigint;
  #iterator: Iterator<Value>;
  #length: number | undefined;
  #index = -1;
  #before: Value | undefined;
  #current: Value | undefined;
  /** Taken ahead: undefined if nothing is, null's place is a box. */
  #ahead: { value: Value } | 'end' | undefined;
  #changed: Tuple | undefined;

  /** `recurse` renders the loop for other items, a level deeper. */
  constructor(
    items: Value,
    recurse: ((items: Value, depth: bigint) => Value) | undefined,
    depth: bigint,
  ) {
    this.#iterator = iterate(items);
    this.#length = items instanceof Items ? undefined : tryLength(items);
    this.#recurse = recurse;
    this.#depth = depth;
  }

  /** Takes the next item. */
  next(): { value: Value } | undefined {
    const next = this.#peek();
    this.#ahead = undefined;
    if (next === 'end') return undefined;
    this.#index++;
    this.#before = this.#current;
    this.#current = next.value;
    return next;
  }

  length(): number {
    if (this.#length !== undefined) return this.#length;
    const rest: Value[] = [];
    for (let next = this.#iterator.next(); next.done !== true; next = this.#iterator.next()) {
      rest.push(next.value);
    }
    this.#iterator = rest[Symbol.iterator]();
    const isAhead = this.#ahead !== undefined && this.#ahead !== 'end';
    this.#length = rest.length + this.#index + 1 + (isAhead ? 1 : 0);
    return this.#length;
  }

  call({ list, named }: Arguments): Value {
    const items = list[0] ?? named.get('iterable');
    if (this.#recurse === undefined) {
      throw new TypeFault('a loop that calls itself needs the word recursive');
    }
    if (items === undefined || list.length + named.size !== 1) {
      throw new TypeFault('loop takes one iterable');
    }
    return this.#recurse(items, this.#depth + 1n);
  }

  member(name: string): Value | undefined {
    const count = (value: number): bigint => BigInt(value);
    switch (name) {
      case 'index':
        return count(this.#index + 1);
      case 'index0':
        return count(this.#index);
      case 'revindex':
        return count(this.length() - this.#index);
      case 'revindex0':
        return count(this.length() - this.#index - 1);
      case 'first':
        return this.#index === 0;
      case 'last':
        return this.#peek() === 'end';
      case 'length':
        return count(this.length());
      case 'depth':
        return this.#depth + 1n;
      case 'depth0':
        return this.#depth;
      case 'previtem':
        if (this.#index === 0) return new Undefined('there is no previous item');
        return this.#before ?? null;
      case 'nextitem': {
        const next = this.#peek();
        return next === 'end' ? new Undefined('there is no next item') : next.value;
      }
      case 'cycle':
        return new Callable('cycle', ({ list }) => this.#cycle(list));
      case 'changed':
        return new Callable('changed', ({ list }) => this.#isChanged(new Tuple(list)));
      default:
        return undefined;
    }
  }

  #cycle(items: readonly Value[]): Value {
    if (items.length === 0) throw new TypeFault('no items for cycling given');
    return items[this.#index % items.length] ?? null;
  }

  #isChanged(values: Tuple): boolean {
    if (this.#changed !== undefined && isEqual(this.#changed, values)) return false;
    this.#changed = values;
    return true;
  }

  #peek(): { value: Value } | 'end' {
    if (this.#ahead === undefined) {
      const { done, value } = this.#iterator.next() as IteratorResult<Value, Value>;
      this.#ahead = done === true ? 'end' : { value };
    }
    return this.#ahead;
  }
}

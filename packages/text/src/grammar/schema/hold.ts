/**
 * Whether a value satisfies a schema: what is listed by `enum` and `const` is asked, not generated.
 *
 * Reads the same document as the expander, with the same automata for patterns.
 */
import { refuseKeyword } from '../budget.ts';
import { labelOf } from '../dfa/dfa.ts';
import type { Conjunction } from './branch.ts';
import { decimalOf, scaledOf } from './decimal.ts';
import type { SchemaEntry } from './document.ts';
import { FORMATS } from './formats.ts';
import {
  canonicalText,
  isList,
  isObject,
  type JsonObject,
  type JsonValue,
  member,
} from './json.ts';
import { itemGroup, keyGroup, type MemberContext, namesOf } from './member-keywords.ts';

const DEPTH_MAX = 200;

export class Judge {
  readonly #context: MemberContext;
  #depth = 0;

  constructor(context: MemberContext) {
    this.#context = context;
  }

  /** Whether a value satisfies literals. */
  holds(conjunction: Conjunction, value: JsonValue): boolean {
    return conjunction.every((literal) => {
      const entry = this.#context.document.entries[literal >> 1]!;
      return this.#satisfies(entry, value) === ((literal & 1) === 0);
    });
  }

  #satisfies(entry: SchemaEntry, value: JsonValue): boolean {
    const { schema, path } = entry;
    if (typeof schema === 'boolean') return schema;
    if (++this.#depth > DEPTH_MAX) refuseKeyword('$ref', path, 'it goes round without end');
    const { document } = this.#context;
    const has = (key: string): boolean => member(schema, key) !== undefined;
    let isFine = true;
    if (has('$ref')) isFine = this.#satisfies(document.resolve(entry, '$ref'), value);
    if (!(has('$ref') && document.draft === '7')) {
      isFine &&= this.#typed(entry, value) && this.#applied(entry, value);
    }
    this.#depth--;
    return isFine;
  }

  #applied(entry: SchemaEntry, value: JsonValue): boolean {
    const { document } = this.#context;
    const schema = entry.schema as JsonObject;
    const has = (key: string): boolean => member(schema, key) !== undefined;
    const is = (...keys: (string | number)[]): boolean =>
      this.#satisfies(document.child(entry, ...keys), value);
    const count = (key: string): number =>
      (member(schema, key) as readonly JsonValue[]).filter((_, i) => is(key, i)).length;
    const all = (key: string): number => (member(schema, key) as readonly JsonValue[]).length;
    if (has('unevaluatedItems') || has('unevaluatedProperties')) {
      refuseKeyword('enum', entry.path, 'beside unevaluated members');
    }
    if (has('$dynamicRef') && !this.#satisfies(document.resolve(entry, '$dynamicRef'), value)) {
      return false;
    }
    if (has('allOf') && count('allOf') < all('allOf')) return false;
    if (has('anyOf') && count('anyOf') === 0) return false;
    if (has('oneOf') && count('oneOf') !== 1) return false;
    if (has('not') && is('not')) return false;
    if (has('if')) {
      const way = is('if') ? 'then' : 'else';
      if (has(way) && !is(way)) return false;
    }
    return this.#depends(entry, value);
  }

  #depends(entry: SchemaEntry, value: JsonValue): boolean {
    if (!isObject(value)) return true;
    return ['dependencies', 'dependentRequired', 'dependentSchemas'].every((keyword) => {
      const map = member(entry.schema as JsonObject, keyword);
      if (!isObject(map)) return true;
      return Object.keys(map).every((name) => {
        if (!Object.hasOwn(value, name)) return true;
        if (isList(map[name])) {
          return namesOf(entry, keyword, name).every((other) => Object.hasOwn(value, other));
        }
        return this.#satisfies(this.#context.document.child(entry, keyword, name), value);
      });
    });
  }

  #typed(entry: SchemaEntry, value: JsonValue): boolean {
    const schema = entry.schema as JsonObject;
    const type = member(schema, 'type');
    if (type !== undefined && ![type].flat().some((name) => isOfType(value, name))) return false;
    const listed = member(schema, 'enum');
    const text = canonicalText(value);
    if (isList(listed) && !listed.some((one) => canonicalText(one) === text)) return false;
    const constant = member(schema, 'const');
    if (constant !== undefined && canonicalText(constant) !== text) return false;
    if (typeof value === 'number') return isNumberFine(schema, value);
    if (typeof value === 'string') return this.#isStringFine(entry, value);
    if (isList(value)) return this.#isListFine(entry, value);
    return isObject(value) ? this.#isObjectFine(entry, value) : true;
  }

  #isStringFine(entry: SchemaEntry, value: string): boolean {
    const schema = entry.schema as JsonObject;
    const { dfas } = this.#context;
    const pattern = member(schema, 'pattern');
    const format = member(schema, 'format');
    const length = Array.from(value).length;
    if (typeof pattern === 'string' && labelOf(dfas.pattern(pattern, entry.path), value) < 0) {
      return false;
    }
    if (typeof format === 'string') {
      if (!Object.hasOwn(FORMATS, format)) refuseKeyword('format', entry.path, 'not in the list');
      if (labelOf(dfas.format(format), value) < 0) return false;
    }
    return isWithin(schema, length, ['minLength', 'maxLength']);
  }

  #isListFine(entry: SchemaEntry, value: readonly JsonValue[]): boolean {
    const schema = entry.schema as JsonObject;
    const { document } = this.#context;
    if (!isWithin(schema, value.length, ['minItems', 'maxItems'])) return false;
    const texts = new Set(value.map(canonicalText));
    if (member(schema, 'uniqueItems') === true && texts.size < value.length) return false;
    const { items, rest } = itemGroup(entry, document);
    const isFine = value.every((item, i) => this.holds(items[i] ?? rest ?? [], item));
    if (!isFine || member(schema, 'contains') === undefined) return isFine;
    const contained = document.child(entry, 'contains');
    const count = value.filter((item) => this.#satisfies(contained, item)).length;
    const min = document.draft === '7' ? 1 : (member(schema, 'minContains') ?? 1);
    const max = document.draft === '7' ? Infinity : (member(schema, 'maxContains') ?? Infinity);
    return count >= Number(min) && count <= Number(max);
  }

  #isObjectFine(entry: SchemaEntry, value: JsonObject): boolean {
    const schema = entry.schema as JsonObject;
    const keys = Object.keys(value);
    if (!isWithin(schema, keys.length, ['minProperties', 'maxProperties'])) return false;
    const hasRequired = member(schema, 'required') !== undefined;
    const required = hasRequired ? namesOf(entry, 'required') : [];
    if (!required.every((name) => Object.hasOwn(value, name))) return false;
    const group = keyGroup(entry, this.#context);
    const hasNames = member(schema, 'propertyNames') !== undefined;
    return keys.every((key) => {
      const found = group.patterns.filter(({ dfa }) => labelOf(dfa, key) >= 0);
      const name = group.names.get(key);
      const isNamed = name !== undefined || found.length > 0;
      const all = [...(name ?? []), ...found.flatMap((pattern) => pattern.value)];
      const wanted = isNamed ? all : (group.rest ?? []);
      if (!this.holds(wanted, value[key]!)) return false;
      const { document } = this.#context;
      return !hasNames || this.#satisfies(document.child(entry, 'propertyNames'), key);
    });
  }
}

function isOfType(value: JsonValue, type: JsonValue): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return isList(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function isNumberFine(schema: JsonObject, value: number): boolean {
  const given = (key: string): number | undefined => {
    const limit = member(schema, key);
    return typeof limit === 'number' ? limit : undefined;
  };
  const [min, max] = [given('minimum'), given('maximum')];
  const [over, under] = [given('exclusiveMinimum'), given('exclusiveMaximum')];
  if (
    min !== undefined &&
    !(member(schema, 'exclusiveMinimum') === true ? value > min : value >= min)
  ) {
    return false;
  }
  if (
    max !== undefined &&
    !(member(schema, 'exclusiveMaximum') === true ? value < max : value <= max)
  ) {
    return false;
  }
  if (over !== undefined && !(value > over)) return false;
  if (under !== undefined && !(value < under)) return false;
  const divisor = given('multipleOf');
  return divisor === undefined || isMultiple(value, divisor);
}

function isMultiple(value: number, divisor: number): boolean {
  const a = scaledOf(decimalOf(value));
  const b = scaledOf(decimalOf(divisor));
  const places = Math.max(a.places, b.places);
  const scale = (of: { whole: bigint; places: number }): bigint =>
    of.whole * 10n ** BigInt(places - of.places);
  return scale(b) > 0n && scale(a) % scale(b) === 0n;
}

function isWithin(
  schema: JsonObject,
  count: number,
  [low, high]: readonly [string, string],
): boolean {
  const min = member(schema, low);
  const max = member(schema, high);
  return !(typeof min === 'number' && count < min) && !(typeof max === 'number' && count > max);
}

/**
 * Fields of a config, checked one by one as they are read.
 *
 * A config is hostile until checked: every number is a safe integer or finite and lies between
 * bounds. A wrong field stops with its name, its value and what was expected. `null` and absent
 * mean the same: take the default, or stop where there is none.
 */
import { brief, isObject, WaferError } from '@wafer/core';

/** Bounds of a number, both inside; `fallback` stands for an absent field. */
export interface NumberRule {
  min: number;
  max: number;
  fallback?: number;
}

export class Fields {
  readonly path: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #prefix: string;

  /** `prefix` goes before the names in errors. */
  constructor(path: string, values: Readonly<Record<string, unknown>>, prefix = '') {
    this.path = path;
    this.#values = values;
    this.#prefix = prefix;
  }

  /** The raw value; null and members of Object's prototype count as absent. */
  get(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? undefined) : undefined;
  }

  /** Names of all fields that are there. */
  names(): string[] {
    return Object.keys(this.#values);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Whether the field is there and says null. */
  isNull(name: string): boolean {
    return Object.hasOwn(this.#values, name) && this.#values[name] === null;
  }

  /** The same fields, with these values where one is not there at all. */
  withUsual(values: Readonly<Record<string, unknown>>): Fields {
    return new Fields(this.path, { ...values, ...this.#values }, this.#prefix);
  }

  /** A safe integer between bounds. Throws: CONFIG_INVALID. */
  integer(name: string, rule: NumberRule): number {
    const value = this.get(name) ?? rule.fallback;
    const isRight = Number.isSafeInteger(value) && isBetween(value, rule);
    if (!isRight) throw this.invalid(name, `a whole number from ${rule.min} to ${rule.max}`);
    return value as number;
  }

  /** A finite number between bounds. Throws: CONFIG_INVALID. */
  number(name: string, rule: NumberRule): number {
    const value = this.get(name) ?? rule.fallback;
    const isRight = Number.isFinite(value) && isBetween(value, rule);
    if (!isRight) throw this.invalid(name, `a number from ${rule.min} to ${rule.max}`);
    return value as number;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.get(name) ?? fallback;
    if (typeof value !== 'boolean') throw this.invalid(name, 'true or false');
    return value;
  }

  string(name: string, fallback?: string): string {
    const value = this.get(name) ?? fallback;
    if (typeof value !== 'string') throw this.invalid(name, 'a text');
    return value;
  }

  /** The fields of an object inside, or undefined where it is absent. */
  object(name: string): Fields | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (!isObject(value)) throw this.invalid(name, 'an object');
    return new Fields(this.path, value, `${this.#prefix}${name}.`);
  }

  /** A list of at most `countMax` items, unchecked themselves; undefined where it is absent. */
  list(name: string, countMax: number): readonly unknown[] | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length > countMax) {
      throw this.invalid(name, `a list of at most ${countMax}`);
    }
    return value;
  }

  /** Token ids: one, a list, or none where the field is absent. */
  tokenIds(name: string): number[] {
    const value = this.get(name);
    const ids: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
    const isRight = ids.length <= 64 && ids.every((id) => Number.isSafeInteger(id));
    if (!isRight) throw this.invalid(name, 'a token id or at most 64 of them');
    return ids as number[];
  }

  /** The error for a field that breaks a rule. */
  invalid(name: string, expected: string): WaferError {
    const field = `${this.#prefix}${name}`;
    return new WaferError('CONFIG_INVALID', {
      path: this.path,
      field,
      value: brief(this.get(name)),
      expected,
    });
  }
}

function isBetween(value: unknown, rule: NumberRule): boolean {
  return typeof value === 'number' && value >= rule.min && value <= rule.max;
}

/**
 * Variables while a template runs, and what one rendering has in common.
 */
import { StepLimit } from './errors.ts';
import type { Symbols } from './symbols.ts';
import { Undefined, type Arguments, type Value } from './values.ts';

/** A filter, given a value and the arguments behind its name. */
export type Filter = (value: Value, given: Arguments, rendering: Rendering) => Value;

/** A test, given a value and the arguments behind its name. */
export type Test = (value: Value, given: Arguments) => boolean;

/** What a rendering has before the template says anything. */
export interface Surroundings {
  globals: ReadonlyMap<string, Value>;
  /** By name, for filters that are told the name of another. */
  filters: ReadonlyMap<string, Filter>;
  tests: ReadonlyMap<string, Test>;
}

/** One rendering: global variables, filters and tests, steps left, the text so far. */
export class Rendering {
  readonly surroundings: Surroundings;
  /** What the template has stored at its outermost level, for its blocks. */
  readonly stored: Map<string, Value> = new Map();
  /** Where text goes; capturing blocks put another list here for a while. */
  output: string[] = [];
  #stepsLeft: number;

  constructor(surroundings: Surroundings, stepsMax: number) {
    this.surroundings = surroundings;
    this.#stepsLeft = stepsMax;
  }

  /** Counts what is about to be done. Throws: StepLimit. */
  step(count = 1): void {
    this.#stepsLeft -= count;
    if (this.#stepsLeft < 0) throw new StepLimit();
  }

  resolve(name: string): Value | undefined {
    return this.stored.has(name) ? this.stored.get(name) : this.surroundings.globals.get(name);
  }

  /** The text that a run prints. */
  capture(run: () => void): string {
    const before = this.output;
    this.output = [];
    try {
      run();
      return this.output.join('');
    } finally {
      this.output = before;
    }
  }
}

/** Variables of one scope. */
export class Scope {
  readonly rendering: Rendering;
  readonly #parent: Scope | undefined;
  readonly #values = new Map<string, Value>();

  /** Enters a scope: each variable begins as its symbols say. */
  constructor(symbols: Symbols, rendering: Rendering, parent?: Scope) {
    this.rendering = rendering;
    this.#parent = parent;
    for (const [name, load] of symbols.loads) {
      if (load === 'resolve') this.#put(name, rendering.resolve(name));
      else if (load === 'alias') this.#put(name, parent?.find(name, symbols.parent?.depthOf(name)));
    }
  }

  /** The value of a variable so many scopes out; undefined where it has none. */
  find(name: string, depth = 0): Value | undefined {
    return depth === 0 ? this.#values.get(name) : this.#parent?.find(name, depth - 1);
  }

  get(name: string, depth: number): Value {
    return this.find(name, depth) ?? this.#missing(name, depth);
  }

  set(name: string, depth: number, value: Value): void {
    if (depth === 0) this.#values.set(name, value);
    else this.#parent?.set(name, depth - 1, value);
  }

  #put(name: string, value: Value | undefined): void {
    if (value !== undefined) this.#values.set(name, value);
  }

  #missing(name: string, depth: number): Value {
    // None is a value, and null here.
    return this.find(name, depth) === null ? null : new Undefined(`'${name}' is undefined`);
  }
}

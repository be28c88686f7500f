/**
 * What a value may be, one way: its literal text, or a shape with nodes for what is in it.
 */
import type { Budget } from '../budget.ts';
import type { Dfa } from '../dfa/dfa.ts';
import type { Branch, Conjunction, ContainsRule } from './branch.ts';
import type { SchemaDocument } from './document.ts';
import type { JsonValue } from './json.ts';

/** All ways a value may be that satisfies a list of literals. */
export interface ValueNode {
  id: number;
  alternatives: Alternative[];
  /** Whether there is one. */
  hasValue: boolean;
}

/** Where nodes come from. */
export interface NodeSource {
  readonly budget: Budget;
  readonly document: SchemaDocument;
  nodeOf(conjunction: Conjunction): ValueNode;
  nodeOfValue(value: JsonValue): ValueNode;
  branchesOf(conjunction: Conjunction): Branch[];
  listedValues(conjunction: Conjunction): JsonValue[] | undefined;
  listedTexts(conjunction: Conjunction): string[];
}

export type Alternative =
  | { kind: 'literal'; text: string }
  | { kind: 'number'; dfa: Dfa }
  | StringAlternative
  | ListAlternative
  | ObjectAlternative;

export interface StringAlternative {
  kind: 'string';
  dfa: Dfa | undefined;
  min: number;
  max: number;
}

/** An item: its node, which rules it satisfies, which value of the list it is. */
export interface ListItem {
  node: ValueNode;
  satisfies: readonly boolean[];
  value: number;
}

export interface ListAlternative {
  kind: 'list';
  items: readonly ValueNode[];
  /** Undefined: nothing follows the items. */
  rest: ValueNode | undefined;
  min: number;
  max: number;
  rules: readonly ContainsRule[];
  /** Items by place, and behind them, where they are told apart. */
  kinds?: readonly (readonly ListItem[])[];
}

export interface ObjectClass {
  name: string | undefined;
  node: ValueNode;
}

export interface ObjectAlternative {
  kind: 'object';
  /** Labels are places in `classes`. */
  keys: Dfa;
  /** Names first, in their order. */
  classes: readonly ObjectClass[];
  required: readonly string[];
  min: number;
  max: number;
}

/**
 * A grammar as it is run: nodes in a list that name each other by their places.
 *
 * Plain data that crosses threads. Every node can be finished: what no text satisfies was left out
 * when the grammar was made, so that no mask ever leads into a dead end.
 */
import type { Dfa } from './dfa/dfa.ts';

/** A step of a list of items: which node an item is, and where the list stands behind it. */
export interface ListMove {
  item: number;
  to: number;
}

/** A place of a list that counts what its items are. */
export interface ListState {
  mayClose: boolean;
  moves: readonly ListMove[];
}

/** Keys of one kind: a name, or all that patterns or nothing names. */
export interface KeyClass {
  value: number;
  /** Whether it is one key, which an object has once at most. */
  isName: boolean;
}

export type GrammarNode =
  /** One special token, whose bytes no text has. */
  | { kind: 'token'; token: number }
  /** Texts of an automaton, as UTF-8. */
  | { kind: 'text'; dfa: number }
  /** A JSON string whose characters an automaton accepts; all, counted, without one. */
  | { kind: 'string'; dfa: number | undefined; min: number; max: number }
  | { kind: 'choice'; of: readonly number[] }
  | { kind: 'sequence'; of: readonly number[] }
  | { kind: 'repeat'; of: number; min: number; max: number }
  /** A JSON array: items by their places, then any number of `rest`. */
  | { kind: 'array'; items: readonly number[]; rest: number | undefined; min: number; max: number }
  /** A JSON array that counts what its items are. */
  | { kind: 'list'; states: readonly ListState[] }
  /** A JSON object; labels of `keys` are places in `classes`. */
  | {
      kind: 'object';
      keys: number;
      classes: readonly KeyClass[];
      required: readonly number[];
      min: number;
      max: number;
      /** Whether names come in the order of their classes. */
      isOrdered: boolean;
    };

export interface GrammarProgram {
  nodes: readonly GrammarNode[];
  dfas: readonly Dfa[];
  root: number;
  /** What it takes in memory, about. */
  bytes: number;
}

/** Bytes of a program, about: tables, and a word per number of a node. */
export function programBytes(nodes: readonly GrammarNode[], dfas: readonly Dfa[]): number {
  let bytes = 0;
  for (const dfa of dfas) bytes += dfa.offsets.byteLength * 2 + dfa.lows.byteLength * 3;
  for (const node of nodes) {
    bytes += 64;
    if ('of' in node && typeof node.of !== 'number') bytes += node.of.length * 8;
    if (node.kind === 'object') bytes += node.classes.length * 48;
    if (node.kind === 'array') bytes += node.items.length * 8;
    if (node.kind === 'list') {
      for (const state of node.states) bytes += 48 + state.moves.length * 48;
    }
  }
  return bytes;
}

/**
 * The values of a schema as a graph: a node for each list of literals, with its alternatives.
 *
 * Nodes are made when something asks for them, and all that an alternative needs are nodes again.
 * Which nodes have a value at all is found from below: an alternative has one if all that it cannot
 * do without have one. What has none is left out, so that no text leads into it.
 */
import { append } from '@wafer/core';
import { type Budget, refuseKeyword, refuseLimit } from '../budget.ts';
import type { Alternative, NodeSource, ValueNode } from './alternative.ts';
import { type Branch, conjoin, type Conjunction, type Literal, TYPES } from './branch.ts';
import type { SchemaDocument } from './document.ts';
import { Expander } from './expander.ts';
import { Judge } from './hold.ts';
import {
  isList,
  isObject,
  type JsonObject,
  type JsonValue,
  member,
  canonicalText,
} from './json.ts';
import { listOf, listStates } from './lists.ts';
import { numberDfa } from './number-dfa.ts';
import { PatternCache } from './number-keywords.ts';
import { isObjectPossible, objectOf } from './objects.ts';
import { stringOf } from './strings.ts';

const ALTERNATIVES_MAX = 512;

export class ValueGraph implements NodeSource {
  readonly nodes: ValueNode[] = [];
  readonly budget: Budget;
  readonly document: SchemaDocument;
  readonly #expander: Expander;
  readonly #judge: Judge;
  readonly #ids = new Map<string, ValueNode>();
  readonly #disjoint = new Map<string, boolean>();
  readonly #open: (() => void)[] = [];
  #isSettling = false;

  constructor(document: SchemaDocument, budget: Budget) {
    this.document = document;
    this.budget = budget;
    const members = { document, dfas: new PatternCache(budget) };
    const isDisjoint = (a: Literal, b: Literal): boolean => this.#isDisjoint(a, b);
    this.#expander = new Expander({ ...members, budget, isDisjoint });
    this.#judge = new Judge(members);
  }

  /** The node of literals; its alternatives come with `settle`. */
  nodeOf(conjunction: Conjunction): ValueNode {
    return this.#node(`c${conjunction.join(' ')}`, () => this.#alternatives(conjunction));
  }

  /** The node of one value. */
  nodeOfValue(value: JsonValue): ValueNode {
    return this.#node(`v${canonicalText(value)}`, () => [this.#constant(value)]);
  }

  /** The branches of literals, for those who look into them. */
  branchesOf(conjunction: Conjunction): Branch[] {
    return this.#expander.expand(conjunction);
  }

  /** The values of literals if a schema lists them; undefined if it does not. */
  listedValues(conjunction: Conjunction): JsonValue[] | undefined {
    const branches = this.branchesOf(conjunction);
    if (!branches.every(({ isListed }) => isListed)) return undefined;
    return this.#listed(conjunction).filter((value) => this.#judge.holds(conjunction, value));
  }

  /** Texts among the values that schemas list and literals allow. */
  listedTexts(conjunction: Conjunction): string[] {
    const texts = this.#listed(conjunction).filter((value) => typeof value === 'string');
    const isIn = (text: string): boolean => this.#judge.holds(conjunction, text);
    return [...new Set(texts)].filter(isIn);
  }

  /** Makes all nodes that were asked for, and finds those that have a value. */
  settle(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    for (let make = this.#open.pop(); make !== undefined; make = this.#open.pop()) make();
    this.#isSettling = false;
    for (const node of this.nodes) node.hasValue = false;
    for (let isChanged = true; isChanged;) {
      isChanged = false;
      for (const node of this.nodes) {
        if (node.hasValue) continue;
        this.budget.takeWork();
        node.hasValue = node.alternatives.some((alternative) => this.isPossible(alternative));
        isChanged ||= node.hasValue;
      }
    }
  }

  /** Whether an alternative can be finished with nodes that have a value. */
  isPossible(alternative: Alternative): boolean {
    if (alternative.kind === 'list') return listStates(alternative, this) !== undefined;
    return alternative.kind !== 'object' || isObjectPossible(alternative);
  }

  #node(key: string, make: () => Alternative[]): ValueNode {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.budget.takeState();
    // Until it is known, a node is taken to have a value.
    const node: ValueNode = { id: this.nodes.length, alternatives: [], hasValue: true };
    this.nodes.push(node);
    this.#ids.set(key, node);
    this.#open.push(() => void (node.alternatives = make()));
    return node;
  }

  #alternatives(conjunction: Conjunction): Alternative[] {
    const branches = this.branchesOf(conjunction);
    const found: Alternative[] = [];
    if (branches.some(({ isListed }) => isListed)) {
      const values = new Map(
        this.#listed(conjunction).map((value) => [canonicalText(value), value]),
      );
      for (const value of values.values()) {
        if (this.#judge.holds(conjunction, value)) found.push(this.#constant(value));
      }
    }
    for (const branch of branches) if (!branch.isListed) this.#addBranch(branch, found);
    const count = found.filter(({ kind }) => kind === 'list' || kind === 'object').length;
    if (count > ALTERNATIVES_MAX) refuseLimit('alternatives of one value', ALTERNATIVES_MAX);
    return found;
  }

  #addBranch(branch: Branch, found: Alternative[]): void {
    const { types } = branch;
    for (const refusal of branch.refusals) {
      if ((refusal.types & types) === 0) continue;
      refuseKeyword(refusal.keyword, refusal.path, refusal.reason);
    }
    const add = (text: string): void => {
      const isNew = !found.some((other) => other.kind === 'literal' && other.text === text);
      if (isNew) found.push({ kind: 'literal', text });
    };
    if ((types & TYPES.null) !== 0) add('null');
    if ((types & TYPES.true) !== 0) add('true');
    if ((types & TYPES.false) !== 0) add('false');
    if ((types & TYPES.number) !== 0) {
      const dfa = numberDfa(branch.number, this.budget);
      if (dfa.labels.some((label) => label >= 0)) found.push({ kind: 'number', dfa });
    }
    if ((types & TYPES.string) !== 0) append(found, stringOf(branch.string, this.budget));
    if ((types & TYPES.array) !== 0) append(found, listOf(branch.array, this));
    if ((types & TYPES.object) !== 0) append(found, objectOf(branch.object, this));
  }

  #constant(value: JsonValue): Alternative {
    if (isList(value)) {
      const items = value.map((item) => this.nodeOfValue(item));
      return {
        kind: 'list',
        items,
        rest: undefined,
        min: items.length,
        max: items.length,
        rules: [],
      };
    }
    if (isObject(value)) return objectOfValue(value, this);
    return { kind: 'literal', text: JSON.stringify(value) };
  }

  /** Values that schemas in literals list, in place; any of them may be what is wanted. */
  #listed(conjunction: Conjunction): JsonValue[] {
    const values: JsonValue[] = [];
    const seen = new Set<number>();
    const open = conjunction.map((literal) => literal >> 1);
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const entry = this.document.entries[id]!;
      const { schema } = entry;
      if (typeof schema === 'boolean') continue;
      const listed = member(schema, 'enum');
      if (isList(listed)) for (const value of listed) values.push(value);
      const constant = member(schema, 'const');
      if (constant !== undefined) values.push(constant);
      const add = (...keys: (string | number)[]): void => {
        open.push(this.document.child(entry, ...keys).id);
      };
      for (const key of ['$ref', '$dynamicRef'] as const) {
        if (member(schema, key) !== undefined) open.push(this.document.resolve(entry, key).id);
      }
      for (const key of ['allOf', 'anyOf', 'oneOf']) {
        const list = member(schema, key);
        if (isList(list)) list.forEach((_, i) => add(key, i));
      }
      for (const key of ['not', 'if', 'then', 'else']) {
        if (member(schema, key) !== undefined) add(key);
      }
      addDependents(schema, add);
    }
    return values;
  }

  /** Whether no value satisfies two literals; not, while that would need to be known itself. */
  #isDisjoint(a: Literal, b: Literal): boolean {
    const conjunction = conjoin([[a], [b]]);
    const key = conjunction.join(' ');
    const known = this.#disjoint.get(key);
    if (known !== undefined) return known;
    this.#disjoint.set(key, false);
    const other = new ValueGraph(this.document, this.budget);
    for (const [pair, isApart] of this.#disjoint) other.#disjoint.set(pair, isApart);
    let isApart = false;
    try {
      const node = other.nodeOf(conjunction);
      other.settle();
      isApart = !node.hasValue;
    } catch (error) {
      if ((error as { code?: string }).code !== 'GRAMMAR_UNSUPPORTED') throw error;
    }
    this.#disjoint.set(key, isApart);
    return isApart;
  }
}

function addDependents(schema: JsonObject, add: (...keys: string[]) => void): void {
  for (const key of ['dependentSchemas', 'dependencies']) {
    const map = member(schema, key);
    if (!isObject(map)) continue;
    for (const name of Object.keys(map)) if (!isList(map[name])) add(key, name);
  }
}

function objectOfValue(value: JsonObject, graph: NodeSource): Alternative {
  const names = new Map(Object.keys(value).map((key) => [key, [] as Conjunction]));
  const none = [graph.document.constant(false).id * 2];
  const [alternative] = objectOf(
    {
      groups: [{ names, patterns: [], rest: none }],
      keys: [],
      required: new Set(names.keys()),
      min: 0,
      max: Infinity,
    },
    graph,
    (key) => graph.nodeOfValue(value[key]!),
  );
  return alternative!;
}

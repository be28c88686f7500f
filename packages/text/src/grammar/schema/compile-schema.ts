/**
 * A JSON Schema to a program: every text that the program reads is JSON that satisfies the schema.
 *
 * Source: JSON Schema 2020-12 and draft 7.
 */
import { type Budget, refuseGrammar } from '../budget.ts';
import { wordsDfa } from '../dfa/combine.ts';
import type { Dfa } from '../dfa/dfa.ts';
import { type GrammarNode, type GrammarProgram, programBytes } from '../program.ts';
import { SchemaDocument } from './document.ts';
import type { Alternative, ListAlternative, ObjectAlternative, ValueNode } from './alternative.ts';
import { ValueGraph } from './graph.ts';
import { listStates } from './lists.ts';
import { livingKeys } from './objects.ts';

export interface SchemaOptions {
  budget: Budget;
  /** Whether the names of an object come in the order of the schema. */
  isOrdered: boolean;
}

/** Makes the program of a schema, given as JSON. Throws: GRAMMAR_*. */
export function compileSchema(text: string, options: SchemaOptions): GrammarProgram {
  const graph = new ValueGraph(new SchemaDocument(text, options.budget), options.budget);
  const root = graph.nodeOf([graph.document.root.id * 2]);
  graph.settle();
  if (!root.hasValue) refuseGrammar('#', 'no value satisfies it');
  return new ProgramWriter(graph, options).write(root);
}

class ProgramWriter {
  readonly #graph: ValueGraph;
  readonly #options: SchemaOptions;
  readonly #nodes: GrammarNode[] = [];
  readonly #dfas: Dfa[] = [];
  readonly #dfaIds = new Map<Dfa, number>();
  /** By the node of the graph. */
  readonly #ids = new Map<number, number>();
  readonly #open: { node: ValueNode; id: number }[] = [];

  constructor(graph: ValueGraph, options: SchemaOptions) {
    this.#graph = graph;
    this.#options = options;
  }

  write(root: ValueNode): GrammarProgram {
    const id = this.#idOf(root);
    for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop()) {
      this.#nodes[next.id] = this.#nodeOf(next.node);
    }
    const [nodes, dfas] = [this.#nodes, this.#dfas];
    return { nodes, dfas, root: id, bytes: programBytes(nodes, dfas) };
  }

  #idOf(node: ValueNode): number {
    const known = this.#ids.get(node.id);
    if (known !== undefined) return known;
    const id = this.#add({ kind: 'choice', of: [] });
    this.#ids.set(node.id, id);
    this.#open.push({ node, id });
    return id;
  }

  #add(node: GrammarNode): number {
    return this.#nodes.push(node) - 1;
  }

  #dfaId(dfa: Dfa): number {
    const known = this.#dfaIds.get(dfa);
    if (known !== undefined) return known;
    this.#dfaIds.set(dfa, this.#dfas.length);
    return this.#dfas.push(dfa) - 1;
  }

  #nodeOf({ alternatives }: ValueNode): GrammarNode {
    const literals: string[] = [];
    const strings: string[] = [];
    const parts: GrammarNode[] = [];
    for (const alternative of alternatives) {
      if (!this.#graph.isPossible(alternative)) continue;
      if (alternative.kind !== 'literal') parts.push(this.#part(alternative));
      else if (!alternative.text.startsWith('"')) literals.push(alternative.text);
      else strings.push(JSON.parse(alternative.text) as string);
    }
    const { budget } = this.#options;
    if (strings.length > 0) {
      const dfa = this.#dfaId(wordsDfa(strings, budget));
      parts.unshift({ kind: 'string', dfa, min: 0, max: Infinity });
    }
    if (literals.length > 0) {
      parts.unshift({ kind: 'text', dfa: this.#dfaId(wordsDfa(literals, budget)) });
    }
    if (parts.length === 1) return parts[0]!;
    return { kind: 'choice', of: parts.map((part) => this.#add(part)) };
  }

  #part(alternative: Exclude<Alternative, { kind: 'literal' }>): GrammarNode {
    switch (alternative.kind) {
      case 'number':
        return { kind: 'text', dfa: this.#dfaId(alternative.dfa) };
      case 'string': {
        const { dfa, min, max } = alternative;
        return { kind: 'string', dfa: dfa && this.#dfaId(dfa), min, max };
      }
      case 'list':
        return this.#list(alternative);
      case 'object':
        return this.#object(alternative);
    }
  }

  #list(list: ListAlternative): GrammarNode {
    const { items, rest, min, max } = list;
    if (list.kinds !== undefined) {
      const states = listStates(list, this.#graph)!;
      const nodes = this.#graph.nodes;
      return {
        kind: 'list',
        states: states.map(({ mayClose, moves }) => ({
          mayClose,
          moves: moves.map(({ item, to }) => ({ item: this.#idOf(nodes[item]!), to })),
        })),
      };
    }
    const broken = items.findIndex(({ hasValue }) => !hasValue);
    const kept = broken < 0 ? items : items.slice(0, broken);
    const isOpen = broken < 0 && rest?.hasValue === true;
    return {
      kind: 'array',
      items: kept.map((item) => this.#idOf(item)),
      rest: isOpen ? this.#idOf(rest) : undefined,
      ...{ min, max },
    };
  }

  #object(object: ObjectAlternative): GrammarNode {
    const { keys, classes } = livingKeys(object, this.#graph);
    return {
      kind: 'object',
      keys: this.#dfaId(keys),
      classes: classes.map(({ name, node }) => ({
        value: this.#idOf(node),
        isName: name !== undefined,
      })),
      required: object.required.map((name) => classes.findIndex((one) => one.name === name)),
      min: Math.max(object.min, 0),
      max: object.max,
      isOrdered: this.#options.isOrdered,
    };
  }
}

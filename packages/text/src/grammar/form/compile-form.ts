/**
 * A form to a program: pieces behind each other, each a program of its own.
 */
import { isObject, WaferError } from '@wafer/core';
import { type Budget, refuseGrammar } from '../budget.ts';
import { wordsDfa } from '../dfa/combine.ts';
import { type Dfa, isEmptyDfa } from '../dfa/dfa.ts';
import { type GrammarNode, type GrammarProgram, programBytes } from '../program.ts';
import { patternDfa } from '../regex/regex-dfa.ts';
import { compileSchema } from '../schema/compile-schema.ts';
import type { FormPart, JsonPart } from './form.ts';
import { freeTextDfa } from './free-text.ts';

/** Makes the program of a form whose special tokens are in their places. Throws: GRAMMAR_*. */
export function compileForm(part: FormPart, budget: Budget): GrammarProgram {
  const writer = new FormWriter(budget);
  const root = writer.write(part);
  const { nodes, dfas } = writer;
  return { nodes, dfas, root, bytes: programBytes(nodes, dfas) };
}

class FormWriter {
  readonly nodes: GrammarNode[] = [];
  readonly dfas: Dfa[] = [];
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  write(part: FormPart): number {
    this.#budget.takeState();
    if ('text' in part) {
      if (part.text === '') return this.#add({ kind: 'sequence', of: [] });
      return this.#dfa(wordsDfa([part.text], this.#budget), 'text');
    }
    if ('token' in part) return this.#add({ kind: 'token', token: part.token });
    if ('regex' in part) {
      const use = { kind: 'whole', path: 'regex', budget: this.#budget } as const;
      return this.#dfa(patternDfa(part.regex, use), part.regex);
    }
    if ('without' in part) {
      return this.#dfa(freeTextDfa(part.without, part.until, this.#budget), 'without');
    }
    if ('all' in part) {
      return this.#add({ kind: 'sequence', of: part.all.map((one) => this.write(one)) });
    }
    if ('oneOf' in part) {
      return this.#add({ kind: 'choice', of: part.oneOf.map((one) => this.write(one)) });
    }
    if ('times' in part) {
      const { min, max } = part;
      return this.#add({ kind: 'repeat', of: this.write(part.times), min, max: max ?? Infinity });
    }
    return this.#embed(this.#json(part));
  }

  #json(part: JsonPart): GrammarProgram {
    const { path, isLenient } = part;
    const json: unknown = part.isObject === true ? asObject(part.json, path) : part.json;
    const text = typeof json === 'string' ? json : JSON.stringify(json);
    const options = { budget: this.#budget, isOrdered: true };
    try {
      return compileSchema(text, options);
    } catch (error) {
      if (!(error instanceof WaferError)) throw error;
      if (error.code === 'GRAMMAR_UNSUPPORTED' && isLenient === true) {
        return compileSchema(typeAlone(json), options);
      }
      const inside = String(error.details['path'] ?? '');
      throw new WaferError(error.code, { ...error.details, path: `${path}${inside}` });
    }
  }

  #dfa(dfa: Dfa, path: string): number {
    if (isEmptyDfa(dfa)) refuseGrammar(path, 'no text satisfies it');
    return this.#add({ kind: 'text', dfa: this.dfas.push(dfa) - 1 });
  }

  #add(node: GrammarNode): number {
    return this.nodes.push(node) - 1;
  }

  /** Puts a program behind what is there; where its root is now. */
  #embed({ nodes, dfas, root }: GrammarProgram): number {
    const by = { nodes: this.nodes.length, dfas: this.dfas.length };
    for (const node of nodes) this.nodes.push(movedNode(node, by));
    for (const dfa of dfas) this.dfas.push(dfa);
    return root + by.nodes;
  }
}

/** Of a schema, what it says of the type. */
function typeAlone(schema: unknown): string {
  const { type } = isObject(schema) ? schema : {};
  return JSON.stringify(type === undefined ? true : { type });
}

/** Arguments are an object, whatever else a schema says. */
function asObject(schema: unknown, path: string): unknown {
  if (schema === true) return { type: 'object' };
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    return refuseGrammar(path, 'a schema of an object is wanted');
  }
  const { type = 'object' } = schema as { type?: unknown };
  if (![type].flat().includes('object')) refuseGrammar(path, 'a schema of an object is wanted');
  return { ...schema, type: 'object' };
}

function movedNode(node: GrammarNode, by: { nodes: number; dfas: number }): GrammarNode {
  const moved = (of: readonly number[]): number[] => of.map((id) => id + by.nodes);
  switch (node.kind) {
    case 'token':
      return node;
    case 'text':
      return { ...node, dfa: node.dfa + by.dfas };
    case 'string':
      return { ...node, dfa: node.dfa === undefined ? undefined : node.dfa + by.dfas };
    case 'choice':
    case 'sequence':
      return { ...node, of: moved(node.of) };
    case 'repeat':
      return { ...node, of: node.of + by.nodes };
    case 'array': {
      const rest = node.rest === undefined ? undefined : node.rest + by.nodes;
      return { ...node, items: moved(node.items), rest };
    }
    case 'list': {
      const states = node.states.map(({ mayClose, moves }) => ({
        mayClose,
        moves: moves.map(({ item, to }) => ({ item: item + by.nodes, to })),
      }));
      return { ...node, states };
    }
    case 'object': {
      const classes = node.classes.map((one) => ({ ...one, value: one.value + by.nodes }));
      return { ...node, keys: node.keys + by.dfas, classes };
    }
  }
}

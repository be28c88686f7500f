/**
 * The rules of a context-free grammar to a program: rules that cannot end are left out, and those
 * that begin with themselves are refused.
 */
import { type Budget, refuseGrammar, refuseKeyword, refuseLimit } from '../budget.ts';
import { type Dfa, isEmptyDfa } from '../dfa/dfa.ts';
import { type GrammarNode, type GrammarProgram, programBytes } from '../program.ts';
import { regexDfa } from '../regex/regex-dfa.ts';
import { parseGbnf, type RulePart, type RuleSet } from './parse-gbnf.ts';

/** How many nodes stand inside each other before a character is read. */
const DEPTH_MAX = 500;

/** Makes the program of a grammar. Throws: GRAMMAR_*. */
export function compileGbnf(text: string, budget: Budget): GrammarProgram {
  const set = parseGbnf(text, budget);
  const writer = new GbnfWriter(set, budget);
  return writer.write();
}

class GbnfWriter {
  readonly #set: RuleSet;
  readonly #budget: Budget;
  readonly #nodes: GrammarNode[] = [];
  readonly #dfas: Dfa[] = [];
  readonly #rules = new Map<string, number>();

  constructor(set: RuleSet, budget: Budget) {
    this.#set = set;
    this.#budget = budget;
  }

  write(): GrammarProgram {
    const open: string[] = [];
    const idOf = (name: string): number => {
      const known = this.#rules.get(name);
      if (known !== undefined) return known;
      if (!this.#set.rules.has(name)) refuseGrammar('grammar', `there is no rule ${name}`);
      const id = this.#nodes.push({ kind: 'choice', of: [] }) - 1;
      this.#rules.set(name, id);
      open.push(name);
      return id;
    };
    const root = idOf(this.#set.root);
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const of = [this.#partId(this.#set.rules.get(name)!, idOf)];
      this.#nodes[this.#rules.get(name)!] = { kind: 'sequence', of };
    }
    const facts = findFacts(this.#nodes, this.#dfas, this.#budget);
    if (!facts.ends[root]!) refuseGrammar('grammar', 'no text satisfies it');
    checkLeft(this.#nodes, facts, this.#rules);
    const nodes = this.#nodes.map((node) => prune(node, facts));
    return { nodes, dfas: this.#dfas, root, bytes: programBytes(nodes, this.#dfas) };
  }

  #partId(part: RulePart, idOf: (name: string) => number): number {
    this.#budget.takeState();
    const add = (node: GrammarNode): number => this.#nodes.push(node) - 1;
    switch (part.kind) {
      case 'rule':
        return idOf(part.name);
      case 'regex': {
        const use = { kind: 'whole', path: 'grammar', budget: this.#budget } as const;
        const dfa = this.#dfas.push(regexDfa(part.regex, use)) - 1;
        return add({ kind: 'text', dfa });
      }
      case 'repeat': {
        const { min, max } = part;
        return add({ kind: 'repeat', of: this.#partId(part.of, idOf), min, max });
      }
      default:
        return add({ kind: part.kind, of: part.of.map((one) => this.#partId(one, idOf)) });
    }
  }
}

interface Facts {
  /** Whether a node can be finished, and whether by nothing. */
  ends: boolean[];
  isEmpty: boolean[];
}

function findFacts(nodes: readonly GrammarNode[], dfas: readonly Dfa[], budget: Budget): Facts {
  const ends = nodes.map(() => false);
  const isEmpty = nodes.map(() => false);
  const holds = (node: GrammarNode, known: boolean[], isEmptiness: boolean): boolean => {
    switch (node.kind) {
      case 'text':
        return isEmptiness ? dfas[node.dfa]!.labels[0]! >= 0 : !isEmptyDfa(dfas[node.dfa]!);
      case 'choice':
        return node.of.some((part) => known[part]!);
      case 'sequence':
        return node.of.every((part) => known[part]!);
      case 'repeat':
        return node.min === 0 || known[node.of]!;
      default:
        return true;
    }
  };
  for (const [known, isEmptiness] of [
    [ends, false],
    [isEmpty, true],
  ] as const) {
    for (let isChanged = true; isChanged;) {
      isChanged = false;
      nodes.forEach((node, id) => {
        budget.takeWork();
        if (known[id]! || !holds(node, known, isEmptiness)) return;
        known[id] = true;
        isChanged = true;
      });
    }
  }
  return { ends, isEmpty };
}

/** Refuses nodes that are reached from themselves before anything is read. */
function checkLeft(
  nodes: readonly GrammarNode[],
  { isEmpty }: Facts,
  rules: ReadonlyMap<string, number>,
): void {
  const names = new Map([...rules].map(([name, id]) => [id, name]));
  const state = new Uint8Array(nodes.length); // 1: on the way, 2: done
  const firsts = (node: GrammarNode): readonly number[] => {
    if (node.kind === 'choice') return node.of;
    if (node.kind === 'repeat') return [node.of];
    if (node.kind !== 'sequence') return [];
    const end = node.of.findIndex((part) => !isEmpty[part]!);
    return end < 0 ? node.of : node.of.slice(0, end + 1);
  };
  const visit = (id: number, depth: number): void => {
    if (state[id] === 2) return;
    if (depth > DEPTH_MAX) refuseLimit('rules inside each other', DEPTH_MAX);
    if (state[id] === 1) {
      const name = names.get(id) ?? 'a part';
      refuseKeyword(name, 'grammar', 'it begins with itself; write it with recursion on the right');
    }
    state[id] = 1;
    for (const part of firsts(nodes[id]!)) visit(part, depth + 1);
    state[id] = 2;
  };
  nodes.forEach((_, id) => visit(id, 0));
}

/** Leaves out what cannot be finished; a repetition of what may be nothing needs no turn. */
function prune(node: GrammarNode, { ends, isEmpty }: Facts): GrammarNode {
  if (node.kind === 'choice') return { kind: 'choice', of: node.of.filter((part) => ends[part]!) };
  if (node.kind !== 'repeat') return node;
  if (!ends[node.of]!) return { kind: 'sequence', of: [] };
  return isEmpty[node.of]! ? { ...node, min: 0 } : node;
}

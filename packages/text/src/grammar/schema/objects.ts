/**
 * Objects of a branch: which keys there are, and what the value of each must be.
 *
 * Keys fall into classes: each name that a schema tells is one, and so are all other keys that
 * match the same patterns. One automaton reads keys and says the class.
 */
import { append } from '@wafer/core';
import { refuseKeyword } from '../budget.ts';
import { combineDfas, wordsDfa } from '../dfa/combine.ts';
import { buildDfa, countTexts, type Dfa, isEmptyDfa, labelOf } from '../dfa/dfa.ts';
import type {
  NodeSource,
  ObjectAlternative,
  ObjectClass,
  StringAlternative,
  ValueNode,
} from './alternative.ts';
import { conjoin, type Conjunction, type KeyGroup, type ObjectRules } from './branch.ts';
import { joinStrings, stringOf } from './strings.ts';

/** The objects that follow some rules; none if no object does. */
export function objectOf(
  rules: ObjectRules,
  graph: NodeSource,
  valueOf?: (name: string) => ValueNode,
): ObjectAlternative[] {
  const { groups, required, min, max } = rules;
  if (min > max || required.size > max) return [];
  const names = [...new Set([...groups.flatMap((group) => [...group.names.keys()]), ...required])];
  const patterns = [...new Map(groups.flatMap((g) => g.patterns).map((p) => [p.source, p]))];
  const shape = keyShape(rules, graph);
  const classes: ObjectClass[] = names.map((name) => {
    const matched = patterns.filter(([, { dfa }]) => labelOf(dfa, name) >= 0).map(([key]) => key);
    const conjunction = valueOfKey(groups, name, matched);
    return { name, node: valueOf?.(name) ?? graph.nodeOf(conjunction) };
  });
  const others = new Map<string, number>();
  const no = graph.document.constant(false).id * 2;
  const otherClass = (matched: readonly string[]): number => {
    const conjunction = valueOfKey(groups, undefined, matched);
    if (conjunction.includes(no)) return -1;
    const key = conjunction.join(' ');
    const known = others.get(key);
    if (known !== undefined) return known;
    others.set(key, classes.length);
    return classes.push({ name: undefined, node: graph.nodeOf(conjunction) }) - 1;
  };
  const isClosed = patterns.length === 0 && otherClass([]) < 0;
  const words = wordsDfa(names, graph.budget);
  const parts = [words, ...patterns.map(([, { dfa }]) => dfa), ...(shape ? [shape] : [])];
  const keys = combineDfas(
    parts,
    (labels) => {
      if (shape && labels.at(-1)! < 0) return -1;
      if (labels[0]! >= 0) return labels[0]!;
      return otherClass(patterns.filter((_, i) => labels[i + 1]! >= 0).map(([key]) => key));
    },
    graph.budget,
    ([word, ...more]) => (isClosed && word! < 0) || (shape !== undefined && more.at(-1)! < 0),
    { isMerged: patterns.length > 0 || shape !== undefined },
  );
  return [{ kind: 'object', keys, classes, required: [...required], min, max }];
}

/** What the value of a key must be. */
function valueOfKey(
  groups: readonly KeyGroup[],
  name: string | undefined,
  matched: readonly string[],
): Conjunction {
  return conjoin(
    groups.map((group) => {
      const named = name === undefined ? undefined : group.names.get(name);
      const found = group.patterns.filter(({ source }) => matched.includes(source));
      if (named === undefined && found.length === 0) return group.rest ?? [];
      return [...(named ?? []), ...found.flatMap(({ value }) => value)];
    }),
  );
}

/** The automaton of what keys must be; undefined if they may be anything. */
function keyShape({ keys }: ObjectRules, graph: NodeSource): Dfa | undefined {
  if (keys.length === 0) return undefined;
  const conjunction = conjoin([keys]);
  const strings: StringAlternative[] = [];
  for (const branch of graph.branchesOf(conjunction)) {
    for (const { types, keyword, path, reason } of branch.refusals) {
      if ((types & 16) !== 0) refuseKeyword(keyword, path, reason);
    }
    if ((branch.types & 16) === 0) continue;
    if (!branch.isListed) append(strings, stringOf(branch.string, graph.budget));
  }
  const values = graph.listedTexts(conjunction);
  if (values.length > 0) {
    strings.push({ kind: 'string', dfa: wordsDfa(values, graph.budget), min: 0, max: Infinity });
  }
  if (strings.length === 0) return wordsDfa([], graph.budget);
  return joinStrings(strings, graph.budget);
}

/** Whether some object can be closed, with the nodes that have a value. */
export function isObjectPossible(object: ObjectAlternative): boolean {
  const { classes, keys, required, min } = object;
  const readable = new Set(keys.labels);
  const has = ({ node }: ObjectClass, i: number): boolean => node.hasValue && readable.has(i);
  const names = new Set(classes.filter(has).flatMap(({ name }) => name ?? []));
  if (!required.every((name) => names.has(name))) return false;
  const isOpen = classes.some((one, i) => one.name === undefined && has(one, i));
  return isOpen || names.size >= min;
}

/** Keys whose values exist, with classes numbered anew; labels of `keys` are the new numbers. */
export function livingKeys(
  object: ObjectAlternative,
  graph: NodeSource,
): { keys: Dfa; classes: ObjectClass[] } {
  const { keys, classes, min, required } = object;
  const readable = new Set(keys.labels);
  const living = classes.filter(({ node }, i) => node.hasValue && readable.has(i));
  const labels = classes.map((one) => living.indexOf(one));
  const isSame = living.length === classes.length;
  const kept = isSame ? keys : relabel(keys, labels, graph);
  const isOpen = living.some(({ name }) => name === undefined);
  if (isOpen && min > required.length) checkEndless(kept, living, graph);
  return { keys: kept, classes: living };
}

function relabel(keys: Dfa, labels: readonly number[], graph: NodeSource): Dfa {
  return buildDfa<number>(
    {
      start: 0,
      key: String,
      edges: (state) =>
        Array.from({ length: keys.offsets[state + 1]! - keys.offsets[state]! }, (_, i) => {
          const edge = keys.offsets[state]! + i;
          return { low: keys.lows[edge]!, high: keys.highs[edge]!, to: keys.targets[edge]! };
        }),
      label: (state) => (keys.labels[state]! < 0 ? -1 : labels[keys.labels[state]!]!),
    },
    graph.budget,
    { isMerged: false },
  );
}

/** With keys that nothing names, as many as are wanted can only come if there is no end of them. */
function checkEndless(keys: Dfa, classes: readonly ObjectClass[], graph: NodeSource): void {
  const labels = classes.map(({ name }, i) => (name === undefined ? i : -1));
  const open = relabel(keys, labels, graph);
  if (!isEmptyDfa(open) && countTexts(open, 1e6) === Infinity) return;
  refuseKeyword('minProperties', '#', 'of keys whose patterns allow only some');
}

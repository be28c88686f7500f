/**
 * Arrays of a branch: items by place, counted where a schema says how many are what.
 *
 * With `contains`, an item is taken with each answer to whether it satisfies each such schema; with
 * `uniqueItems`, items come from a list that the schema tells, and each value once. Both are lists
 * of states that are found by walking, back from where the array may close.
 */
import { refuseKeyword, refuseLimit } from '../budget.ts';
import type { ListState } from '../program.ts';
import type { ListAlternative, ListItem, NodeSource } from './alternative.ts';
import { type ArrayRules, conjoin, type Conjunction, type ContainsRule } from './branch.ts';
import { canonicalText, type JsonValue } from './json.ts';

const STATES_MAX = 4096;
const VALUES_MAX = 10;
const RULES_MAX = 4;

/** The arrays that follow some rules; none if no array does. */
export function listOf(rules: ArrayRules, graph: NodeSource): ListAlternative[] {
  const { groups, min } = rules;
  const prefix = groups.reduce((most, { items }) => Math.max(most, items.length), 0);
  const at = (index: number): Conjunction =>
    conjoin(groups.map(({ items, rest }) => items[index] ?? rest ?? []));
  const places = Array.from({ length: prefix + 1 }, (_, index) => at(index));
  const max = rules.max;
  if (min > max) return [];
  const isUnique = rules.uniqueAt !== undefined && max > 1;
  const contains = rules.contains.filter(({ min: from, max: to }) => from > 0 || to < Infinity);
  const nodes = places.map((conjunction) => graph.nodeOf(conjunction));
  const list: ListAlternative = {
    kind: 'list',
    ...{ items: nodes.slice(0, prefix), rest: nodes[prefix], min, max, rules: contains },
  };
  if (!isUnique && contains.length === 0) return [list];
  if (contains.length > RULES_MAX) refuseLimit('contains of one array', RULES_MAX);
  const kinds = isUnique
    ? uniqueKinds(places, { rules, contains, graph })
    : places.map((place) => containsKinds(place, contains, graph));
  return [{ ...list, kinds }];
}

function containsKinds(
  place: Conjunction,
  rules: readonly ContainsRule[],
  graph: NodeSource,
): ListItem[] {
  return Array.from({ length: 2 ** rules.length }, (_, bits) => {
    const satisfies = rules.map((_rule, i) => ((bits >> i) & 1) === 1);
    const more = rules.map(({ literal }, i) => (satisfies[i]! ? literal : literal ^ 1));
    return { node: graph.nodeOf(conjoin([place, more])), satisfies, value: -1 };
  });
}

function uniqueKinds(
  places: readonly Conjunction[],
  use: { rules: ArrayRules; contains: readonly ContainsRule[]; graph: NodeSource },
): ListItem[][] {
  const { rules, contains, graph } = use;
  const path = rules.uniqueAt!;
  if (contains.length > 0) refuseKeyword('uniqueItems', path, 'beside contains');
  const last = rules.max <= places.length - 1 ? rules.max : places.length;
  const numbers = new Map<string, number>();
  return places.map((place, index) => {
    if (index >= last) return [];
    const values = graph.listedValues(place) ?? smallValues(place, graph);
    if (values === undefined) {
      return refuseKeyword('uniqueItems', path, 'of items that no enum or const lists');
    }
    return values.map((value) => {
      const text = canonicalText(value);
      const number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      if (number >= VALUES_MAX) refuseLimit('values of items that differ', VALUES_MAX);
      return { node: graph.nodeOfValue(value), satisfies: [], value: number };
    });
  });
}

/** Values of schemas that only ask for null or a boolean. */
function smallValues(place: Conjunction, graph: NodeSource): JsonValue[] | undefined {
  const values = new Set<JsonValue>();
  for (const { types, isListed } of graph.branchesOf(place)) {
    if (isListed || (types & ~7) !== 0) return undefined;
    if ((types & 1) !== 0) values.add(null);
    if ((types & 2) !== 0) values.add(true);
    if ((types & 4) !== 0) values.add(false);
  }
  return [...values];
}

interface Walked {
  index: number;
  counts: readonly number[];
  used: number;
}

/** The states of an array from which it can be closed; undefined if it never can. */
export function listStates(list: ListAlternative, graph: NodeSource): ListState[] | undefined {
  const { items, rest, min, max } = list;
  if (list.kinds === undefined) {
    // Items that have no value end the array before them.
    const broken = items.findIndex(({ hasValue }) => !hasValue);
    const limit = broken >= 0 ? broken : rest?.hasValue === true ? Infinity : items.length;
    return Math.min(limit, max) >= min ? [] : undefined;
  }
  const states: Walked[] = [];
  const ids = new Map<string, number>();
  const moves: { item: number; to: number }[][] = [];
  const idOf = (state: Walked): number => {
    const key = `${state.index} ${state.used} ${state.counts.join(' ')}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    graph.budget.takeState();
    if (states.length >= STATES_MAX) refuseLimit('states of one array', STATES_MAX);
    ids.set(key, states.length);
    return states.push(state) - 1;
  };
  idOf({ index: 0, counts: list.rules.map(() => 0), used: 0 });
  for (let id = 0; id < states.length; id++) {
    moves.push(
      itemsAt(list, states[id]!).map((item) => ({
        item: item.node.id,
        to: idOf(behind(list, states[id]!, item)),
      })),
    );
  }
  const mayClose = states.map(
    ({ index, counts }) => index >= min && list.rules.every((rule, i) => counts[i]! >= rule.min),
  );
  return liveStates(mayClose, moves);
}

function itemsAt(list: ListAlternative, { index, counts, used }: Walked): ListItem[] {
  if (index >= list.max) return [];
  const kinds = list.kinds!;
  return kinds[Math.min(index, kinds.length - 1)]!.filter(({ node, satisfies, value }) => {
    const isNew = value < 0 || ((used >> value) & 1) === 0;
    const isWithin = list.rules.every((rule, i) => !satisfies[i]! || counts[i]! < rule.max);
    return node.hasValue && isNew && isWithin;
  });
}

function behind(list: ListAlternative, { index, counts, used }: Walked, item: ListItem): Walked {
  const { items, min, max, rules } = list;
  const last = max === Infinity ? Math.max(items.length, min) : max;
  return {
    index: Math.min(index + 1, last),
    used: item.value < 0 ? used : used | (1 << item.value),
    counts: rules.map((rule, i) => {
      const most = rule.max === Infinity ? rule.min : rule.max;
      return Math.min(counts[i]! + (item.satisfies[i]! ? 1 : 0), most);
    }),
  };
}

/** Keeps states from which the array can be closed; undefined if the first is none of them. */
function liveStates(
  mayClose: readonly boolean[],
  moves: readonly { item: number; to: number }[][],
): ListState[] | undefined {
  const isLive = [...mayClose];
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (let id = isLive.length - 1; id >= 0; id--) {
      if (isLive[id]! || !moves[id]!.some(({ to }) => isLive[to])) continue;
      isLive[id] = true;
      isChanged = true;
    }
  }
  if (!isLive[0]!) return undefined;
  return moves.map((row, id) => ({
    mayClose: mayClose[id]!,
    moves: row.filter(({ to }) => isLive[to]),
  }));
}

/**
 * `unevaluatedProperties` and `unevaluatedItems`: what holds of members that nothing beside them,
 * or in what they apply in place, has spoken of.
 *
 * The schema is taken apart alone, each set of choices that hold together apart, so that each
 * branch knows what was spoken of; then the keyword holds of the rest.
 */
import {
  ANYTHING,
  type Branch,
  type Conjunction,
  type Literal,
  TYPES,
  withArray,
  withObject,
  withRefusal,
} from './branch.ts';
import type { SchemaDocument, SchemaEntry } from './document.ts';
import { type JsonObject, member } from './json.ts';
import type { KeywordUse } from './number-keywords.ts';

/** What takes a schema apart, each set of choices that hold together apart. */
export interface ScopeExpander {
  keywordsOf(entry: SchemaEntry): string[];
  run(
    option: { branch: Branch; todo: readonly (Literal | KeywordUse)[] },
    use: { isScope: boolean },
  ): Branch[];
}

/** The branches of a schema with one of these keywords. */
export function unevaluatedBranches(
  entry: SchemaEntry,
  expander: ScopeExpander,
  document: SchemaDocument,
): Branch[] {
  const todo = expander.keywordsOf(entry).map((keyword) => ({ entry, keyword, isNegative: false }));
  const branches = expander.run({ branch: ANYTHING, todo }, { isScope: true });
  const rest = (keyword: string): Conjunction | undefined =>
    member(entry.schema as JsonObject, keyword) === undefined
      ? undefined
      : [document.child(entry, keyword).id * 2];
  const keys = rest('unevaluatedProperties');
  const items = rest('unevaluatedItems');
  return branches.map((branch) => {
    let next = branch;
    if (keys !== undefined) next = withKeys(next, keys);
    if (items !== undefined) next = withItems(next, items, entry.path);
    return next;
  });
}

/** The same, of which nothing counts as spoken of. */
export function silence(branch: Branch): Branch {
  const { array, object } = branch;
  return {
    ...branch,
    array: { ...array, groups: array.groups.map((group) => ({ ...group, isSilent: true })) },
    object: { ...object, groups: object.groups.map((group) => ({ ...group, isSilent: true })) },
  };
}

function withKeys(branch: Branch, rest: Conjunction): Branch {
  const groups = branch.object.groups.filter(({ isSilent }) => !isSilent);
  if (groups.some((group) => group.rest !== undefined)) return branch;
  const names = groups.flatMap((group) => [...group.names.keys()]);
  const patterns = groups.flatMap((group) => group.patterns);
  const group = {
    names: new Map(names.map((name) => [name, []])),
    patterns: patterns.map((pattern) => ({ ...pattern, value: [] })),
    rest,
  };
  return withObject(branch, { groups: [group] });
}

function withItems(branch: Branch, rest: Conjunction, path: string): Branch {
  const groups = branch.array.groups.filter(({ isSilent }) => !isSilent);
  if (groups.some((group) => group.rest !== undefined)) return branch;
  const reason = 'beside contains, whose items count as evaluated';
  const counts = groups.map(({ items }) => items.length);
  const count = counts.reduce((most, one) => Math.max(most, one), 0);
  const items = Array.from({ length: count }, () => []);
  const next = withArray(branch, { groups: [{ items, rest }] });
  if (branch.array.contains.length === 0) return next;
  return withRefusal(next, TYPES.array, { keyword: 'unevaluatedItems', path, reason });
}

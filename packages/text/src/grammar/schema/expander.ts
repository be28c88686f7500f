/**
 * Takes schemas apart into branches: in-place applicators become lists of what else must hold, or
 * choices among them, until only constraints by type are left.
 *
 *     anyOf, not allOf, …   a choice           if c then t else e   (c t) or (not c, e)
 *     oneOf                                one of them, and none of those that it could meet
 *
 * What must not hold is taken apart like what must, by the opposite of each keyword. Throws:
 * GRAMMAR_INVALID, GRAMMAR_UNSUPPORTED, GRAMMAR_LIMIT.
 */
import { type Budget, refuseGrammar, refuseLimit } from '../budget.ts';
import {
  ANYTHING,
  type Branch,
  type Conjunction,
  type Literal,
  meet,
  ofTypes,
  TYPES,
  withRefusal,
} from './branch.ts';
import type { SchemaDocument, SchemaEntry } from './document.ts';
import { isList, type JsonObject, member } from './json.ts';
import { applyArray, applyObject, type MemberContext } from './member-keywords.ts';
import { applyNumber, applyString, type KeywordUse } from './number-keywords.ts';
import { silence, unevaluatedBranches } from './unevaluated.ts';
import {
  dependentOptions,
  ifOptions,
  listedBranch,
  oneOfOptions,
  type Option,
  typeBranch,
} from './value-keywords.ts';

const BRANCHES_MAX = 2000;
const SIMPLE = ['type', 'const', 'enum', '$ref', '$dynamicRef', 'allOf', 'not'];
const NUMBERS = ['multipleOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'];
const STRINGS = ['minLength', 'maxLength', 'pattern', 'format'];
const ARRAYS = ['minItems', 'maxItems', 'uniqueItems', 'contains'];
const OBJECTS = ['required', 'propertyNames', 'minProperties', 'maxProperties'];
const CHOICES = ['dependentRequired', 'dependentSchemas', 'dependencies', 'if', 'anyOf', 'oneOf'];
const ITEM_KEYS = ['items', 'prefixItems', 'additionalItems'];
const KEY_KEYS = ['properties', 'patternProperties', 'additionalProperties'];
const BY_TYPE: Readonly<Record<string, 'number' | 'string' | 'array' | 'object'>> = {
  ...Object.fromEntries(NUMBERS.map((key) => [key, 'number' as const])),
  ...Object.fromEntries(STRINGS.map((key) => [key, 'string' as const])),
  ...Object.fromEntries([...ARRAYS, '#items'].map((key) => [key, 'array' as const])),
  ...Object.fromEntries([...OBJECTS, '#keys'].map((key) => [key, 'object' as const])),
};

export interface ExpanderContext extends MemberContext {
  budget: Budget;
  /** Whether no value satisfies both literals, as far as is known. */
  isDisjoint: (a: Literal, b: Literal) => boolean;
}

export class Expander {
  readonly #context: ExpanderContext;
  readonly #document: SchemaDocument;

  constructor(context: ExpanderContext) {
    this.#context = context;
    this.#document = context.document;
  }

  /** The branches of literals that hold together. */
  expand(literals: Conjunction): Branch[] {
    return this.run({ branch: ANYTHING, todo: literals }, { isScope: false });
  }

  /** The branches of a way on; with `isScope`, one for each set of choices that hold together. */
  run(option: Option, { isScope }: { isScope: boolean }): Branch[] {
    const found: Branch[] = [];
    const open: (Option & { done: Set<Literal> })[] = [{ ...option, done: new Set() }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      this.#context.budget.takeWork(4);
      const [item, ...todo] = next.todo;
      if (next.branch.types === 0) continue;
      if (item === undefined) {
        found.push(next.branch);
        if (found.length > BRANCHES_MAX) refuseLimit('alternatives of one value', BRANCHES_MAX);
        continue;
      }
      if (typeof item === 'number') {
        if (next.done.has(item ^ 1)) continue; // it holds and it does not
        if (next.done.has(item)) {
          open.push({ ...next, todo });
          continue;
        }
      }
      const options =
        typeof item === 'number'
          ? this.#literal(next.branch, item, isScope)
          : this.#keyword(next.branch, item, isScope);
      // Those that come first are taken first.
      for (const { branch, todo: more } of options.toReversed()) {
        const done = options.length === 1 ? next.done : new Set(next.done);
        if (typeof item === 'number') done.add(item);
        open.push({ branch, todo: [...more, ...todo], done });
      }
    }
    return found;
  }

  #literal(branch: Branch, literal: Literal, isScope: boolean): Option[] {
    const entry = this.#document.entries[literal >> 1]!;
    const isNegative = (literal & 1) === 1;
    if (isNegative && isScope) return this.#quietly({ branch, todo: [literal] }, isScope);
    if (typeof entry.schema === 'boolean') {
      return entry.schema === isNegative ? [] : [{ branch, todo: [] }];
    }
    const unevaluated = ['unevaluatedItems', 'unevaluatedProperties'].find(
      (key) => member(entry.schema as JsonObject, key) !== undefined,
    );
    if (unevaluated !== undefined && this.#document.draft !== '7') {
      if (isNegative) return this.#refuse(branch, { entry, keyword: unevaluated, isNegative });
      return unevaluatedBranches(entry, this, this.#document).map((other) => ({
        branch: meet(branch, other),
        todo: [],
      }));
    }
    const uses = this.keywordsOf(entry).map((keyword) => ({ entry, keyword, isNegative }));
    if (!isNegative) return [{ branch, todo: uses }];
    return uses.map((use) => ({ branch, todo: [use] }));
  }

  /** In a scope, what was read inside out says nothing of what was evaluated. */
  #quietly({ branch, todo }: Option, isScope: boolean): Option[] {
    if (!isScope) return [{ branch, todo }];
    return this.run({ branch: ANYTHING, todo }, { isScope: false }).map((other) => ({
      branch: meet(branch, silence(other)),
      todo: [],
    }));
  }

  /** The keywords of a schema that say something, those that choose last. */
  keywordsOf({ schema }: SchemaEntry): string[] {
    const has = (key: string): boolean => member(schema as JsonObject, key) !== undefined;
    if (this.#document.draft === '7' && has('$ref')) return ['$ref'];
    const keys = [...SIMPLE, ...NUMBERS, ...STRINGS, ...ARRAYS, ...OBJECTS].filter(has);
    if (ITEM_KEYS.some(has)) keys.push('#items');
    if (KEY_KEYS.some(has)) keys.push('#keys');
    return [...keys, ...CHOICES.filter(has)];
  }

  #keyword(branch: Branch, use: KeywordUse, isScope: boolean): Option[] {
    const { entry, keyword, isNegative } = use;
    const kind = BY_TYPE[keyword];
    if (kind !== undefined) return this.#byType(branch, use, kind);
    const child = (...keys: (string | number)[]): Literal =>
      this.#document.child(entry, ...keys).id * 2;
    const flip = isNegative ? 1 : 0;
    switch (keyword) {
      case '$ref':
      case '$dynamicRef':
        return [{ branch, todo: [(this.#document.resolve(entry, keyword).id * 2) ^ flip] }];
      case 'not':
        return this.#quietly({ branch, todo: [child('not') ^ 1 ^ flip] }, isScope);
      case 'type':
        return [{ branch: typeBranch(branch, use), todo: [] }];
      case 'const':
      case 'enum':
        return [{ branch: listedBranch(branch, use), todo: [] }];
      case 'allOf':
        return this.#all(branch, this.#children(entry, keyword), isNegative);
      case 'anyOf':
        if (isScope && !isNegative) return this.#subsets(branch, use);
        return this.#all(
          branch,
          this.#children(entry, keyword).map((literal) => literal ^ 1),
          !isNegative,
        );
      case 'oneOf':
        return oneOfOptions(branch, this.#children(entry, keyword), {
          isNegative,
          isDisjoint: this.#context.isDisjoint,
        });
      case 'if':
        return ifOptions(branch, use, { document: this.#document, isScope });
      default:
        if (isNegative) return this.#refuse(branch, use);
        return dependentOptions(branch, use, this.#document);
    }
  }

  #byType(
    branch: Branch,
    use: KeywordUse,
    kind: 'number' | 'string' | 'array' | 'object',
  ): Option[] {
    const { dfas } = this.#context;
    const branches =
      kind === 'number'
        ? applyNumber(branch, use)
        : kind === 'string'
          ? applyString(branch, use, dfas)
          : kind === 'array'
            ? applyArray(branch, use, this.#context)
            : applyObject(branch, use, this.#context);
    return branches.map((next) => ({ branch: next, todo: [] }));
  }

  #children(entry: SchemaEntry, keyword: string): Literal[] {
    const list = member(entry.schema as JsonObject, keyword);
    if (!isList(list) || list.length === 0) {
      return refuseGrammar(`${entry.path}/${keyword}`, 'a list of schemas is wanted');
    }
    return list.map((_, i) => this.#document.child(entry, keyword, i).id * 2);
  }

  /** All of some literals; or, of their opposites, one at least. */
  #all(branch: Branch, literals: readonly Literal[], isNegative: boolean): Option[] {
    if (!isNegative) return [{ branch, todo: literals }];
    return literals.map((literal) => ({ branch, todo: [literal ^ 1] }));
  }

  /** Each set of choices that hold, since what they say of members adds up. */
  #subsets(branch: Branch, use: KeywordUse): Option[] {
    const literals = this.#children(use.entry, use.keyword);
    if (literals.length > 6)
      return this.#refuse(branch, { ...use, keyword: 'unevaluatedProperties' });
    return Array.from({ length: 2 ** literals.length - 1 }, (_, i) => ({
      branch,
      todo: literals.filter((_literal, bit) => (((i + 1) >> bit) & 1) === 1),
    }));
  }

  #refuse(branch: Branch, { entry, keyword }: KeywordUse): Option[] {
    const reason = 'its opposite, or more choices than can be told apart';
    const types = keyword === 'unevaluatedItems' ? TYPES.array : TYPES.object;
    const none = withRefusal(ofTypes(branch, types), types, { keyword, path: entry.path, reason });
    return [{ branch: none, todo: [] }];
  }
}

/**
 * Expressions of a template.
 *
 *     condition > or > and > not > compare > + - > ~ > * / // % > ** > unary > postfix > filters
 *
 * Two things are Jinja's own: `~` binds tighter than `+`, and `**` groups from the left. Filters
 * and tests bind tightest, but a sign stands outside of none of them: `-1 | abs` is `(-1) | abs`.
 *
 * Source: Jinja2 3.1, "Template Designer Documentation" (expressions) and its behavior.
 */
import { integerValue } from './literal.ts';
import type { CallArguments, CompareOperator, Expression, FilterNode } from './nodes.ts';
import type { Operation } from './numbers.ts';
import type { TokenStream } from './token-stream.ts';

const CONSTANTS = new Map<string, boolean | null>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);
const COMPARES = ['==', '!=', '<', '<=', '>', '>='];

export interface TupleOptions {
  /** Names and literals only, as in targets. */
  isSimple?: boolean;
  /** Without `a if b`. */
  isPlain?: boolean;
  /** A name that ends the tuple. */
  end?: string;
  /** In brackets, where it may be empty. */
  isBracketed?: boolean;
  /** Takes `ns.a` for a target. */
  hasNamespaces?: boolean;
}

export class ExpressionParser {
  readonly stream: TokenStream;

  constructor(stream: TokenStream) {
    this.stream = stream;
  }

  expression(isPlain = false): Expression {
    return isPlain ? this.#or() : this.#condition();
  }

  tuple(options: TupleOptions = {}): Expression {
    const { isSimple = false, isPlain = false, isBracketed = false } = options;
    const items: Expression[] = [];
    let isTuple = false;
    for (;;) {
      if (items.length > 0) this.stream.expect('operator', ',');
      if (this.#isTupleEnd(options.end)) break;
      items.push(isSimple ? this.#primary(options.hasNamespaces) : this.expression(isPlain));
      if (!this.stream.isOperator(',')) break;
      isTuple = true;
    }
    const [first] = items;
    if (!isTuple && first !== undefined) return first;
    if (!isTuple && !isBracketed) throw this.stream.fail('expected an expression');
    return { kind: 'tuple', items };
  }

  /** The filters behind a `|`, or behind the word of a block. */
  filters(inner: Expression | undefined, isInline = false): FilterNode | undefined {
    let node = inner;
    let found: FilterNode | undefined;
    for (let isFirst = isInline; isFirst || this.stream.isOperator('|'); isFirst = false) {
      if (!isFirst) this.stream.next();
      const name = this.#dottedName();
      const given = this.stream.isOperator('(') ? this.arguments() : noArguments();
      found = { kind: 'filter', node, name, ...given };
      node = found;
    }
    return found;
  }

  arguments(): CallArguments {
    const given = noArguments();
    this.stream.expect('operator', '(');
    for (let isFirst = true; !this.stream.isOperator(')'); isFirst = false) {
      if (!isFirst) {
        this.stream.expect('operator', ',');
        if (this.stream.isOperator(')')) break;
      }
      this.#argument(given);
    }
    this.stream.expect('operator', ')');
    return given;
  }

  #argument(given: CallArguments): void {
    const { stream } = this;
    const ensure = (isRight: boolean): void => {
      if (!isRight) throw stream.fail('invalid syntax for function call expression');
    };
    if (stream.skip('operator', '*')) {
      ensure(given.rest === undefined && given.namedRest === undefined);
      given.rest = this.expression();
    } else if (stream.skip('operator', '**')) {
      ensure(given.namedRest === undefined);
      given.namedRest = this.expression();
    } else if (stream.is('name') && isAssign(stream)) {
      ensure(given.namedRest === undefined);
      const name = stream.next().text;
      stream.next();
      given.named.push({ name, value: this.expression() });
    } else {
      ensure(given.rest === undefined && given.namedRest === undefined);
      ensure(given.named.length === 0);
      given.list.push(this.expression());
    }
  }

  #isTupleEnd(end: string | undefined): boolean {
    const { stream } = this;
    if (stream.is('variableEnd') || stream.is('blockEnd') || stream.isOperator(')')) return true;
    return end !== undefined && stream.isName(end);
  }

  #condition(): Expression {
    let node = this.#or();
    while (this.stream.skip('name', 'if')) {
      const test = this.#or();
      const no = this.stream.skip('name', 'else') ? this.#condition() : undefined;
      node = { kind: 'condition', test, yes: node, no };
    }
    return node;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.stream.skip('name', 'or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.stream.skip('name', 'and')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Expression {
    if (this.stream.skip('name', 'not')) return { kind: 'not', node: this.#not() };
    return this.#compare();
  }

  #compare(): Expression {
    const { stream } = this;
    const first = this.#sum();
    const rest: { operator: CompareOperator; node: Expression }[] = [];
    for (;;) {
      let operator: CompareOperator;
      if (stream.isOperator(...COMPARES)) operator = stream.next().text as CompareOperator;
      else if (stream.skip('name', 'in')) operator = 'in';
      else if (stream.isName('not') && isWord(stream.following, 'in')) {
        stream.next();
        stream.next();
        operator = 'not in';
      } else break;
      rest.push({ operator, node: this.#sum() });
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest };
  }

  #sum(): Expression {
    return this.#binary(['+', '-'], () => this.#concat());
  }

  #concat(): Expression {
    const items = [this.#product()];
    while (this.stream.skip('operator', '~')) items.push(this.#product());
    const [first] = items;
    return items.length === 1 && first !== undefined ? first : { kind: 'concat', items };
  }

  #product(): Expression {
    return this.#binary(['*', '/', '//', '%'], () => this.#power());
  }

  #power(): Expression {
    return this.#binary(['**'], () => this.#unary(true));
  }

  #binary(operations: Operation[], inner: () => Expression): Expression {
    let left = inner();
    while (this.stream.isOperator(...operations)) {
      const operation = this.stream.next().text as Operation;
      left = { kind: 'binary', operation, left, right: inner() };
    }
    return left;
  }

  #unary(hasFilters: boolean): Expression {
    let node: Expression;
    if (this.stream.skip('operator', '-')) node = { kind: 'negative', node: this.#unary(false) };
    else if (this.stream.skip('operator', '+')) {
      node = { kind: 'positive', node: this.#unary(false) };
    } else node = this.#primary();
    node = this.#postfix(node);
    return hasFilters ? this.#filtersAndTests(node) : node;
  }

  #primary(hasNamespaces = false): Expression {
    const { stream } = this;
    const token = stream.next();
    if (token.kind === 'name') return this.#named(token.text, hasNamespaces);
    if (token.kind === 'string') {
      let value = token.text;
      while (stream.is('string')) value += stream.next().text;
      return { kind: 'const', value };
    }
    if (token.kind === 'integer') return { kind: 'const', value: integerValue(token.text) };
    if (token.kind === 'float') {
      return { kind: 'const', value: Number(token.text.replaceAll('_', '')) };
    }
    if (token.kind === 'operator' && token.text === '(') {
      const inside = this.tuple({ isBracketed: true });
      stream.expect('operator', ')');
      return inside;
    }
    if (token.kind === 'operator' && token.text === '[') return this.#list();
    if (token.kind === 'operator' && token.text === '{') return this.#dict();
    throw stream.fail(`unexpected '${token.text === '' ? token.kind : token.text}'`);
  }

  #named(name: string, hasNamespaces: boolean): Expression {
    const constant = CONSTANTS.get(name);
    if (constant !== undefined) return { kind: 'const', value: constant };
    if (hasNamespaces && this.stream.skip('operator', '.')) {
      return { kind: 'namespace', name, attribute: this.stream.expect('name').text };
    }
    return { kind: 'name', name, use: 'load' };
  }

  #list(): Expression {
    const items: Expression[] = [];
    while (!this.stream.isOperator(']')) {
      if (items.length > 0) this.stream.expect('operator', ',');
      if (this.stream.isOperator(']')) break;
      items.push(this.expression());
    }
    this.stream.expect('operator', ']');
    return { kind: 'list', items };
  }

  #dict(): Expression {
    const pairs: { key: Expression; value: Expression }[] = [];
    while (!this.stream.isOperator('}')) {
      if (pairs.length > 0) this.stream.expect('operator', ',');
      if (this.stream.isOperator('}')) break;
      const key = this.expression();
      this.stream.expect('operator', ':');
      pairs.push({ key, value: this.expression() });
    }
    this.stream.expect('operator', '}');
    return { kind: 'dict', pairs };
  }

  #postfix(inner: Expression): Expression {
    let node = inner;
    for (;;) {
      if (this.stream.isOperator('.', '[')) node = this.#subscript(node);
      else if (this.stream.isOperator('(')) node = { kind: 'call', node, ...this.arguments() };
      else return node;
    }
  }

  #filtersAndTests(inner: Expression): Expression {
    let node = inner;
    for (;;) {
      if (this.stream.isOperator('|')) node = this.filters(node) ?? node;
      else if (this.stream.skip('name', 'is')) node = this.#test(node);
      else if (this.stream.isOperator('(')) node = { kind: 'call', node, ...this.arguments() };
      else return node;
    }
  }

  #subscript(node: Expression): Expression {
    const { stream } = this;
    if (stream.skip('operator', '.')) {
      const token = stream.next();
      if (token.kind === 'name') return { kind: 'attribute', node, name: token.text };
      if (token.kind !== 'integer') throw stream.fail('expected name or number');
      const argument: Expression = { kind: 'const', value: integerValue(token.text) };
      return { kind: 'item', node, argument };
    }
    stream.expect('operator', '[');
    const items: Expression[] = [];
    while (!stream.isOperator(']')) {
      if (items.length > 0) stream.expect('operator', ',');
      items.push(this.#subscribed());
    }
    stream.expect('operator', ']');
    const [first] = items;
    const isOne = items.length === 1 && first !== undefined;
    return { kind: 'item', node, argument: isOne ? first : { kind: 'tuple', items } };
  }

  #subscribed(): Expression {
    const { stream } = this;
    const part = (): Expression | undefined =>
      stream.isOperator(':', ']', ',') ? undefined : this.expression();
    const start = part();
    if (start !== undefined && !stream.isOperator(':')) return start;
    stream.expect('operator', ':');
    const stop = part();
    const step = stream.skip('operator', ':') ? part() : undefined;
    return { kind: 'slice', start, stop, step };
  }

  #test(node: Expression): Expression {
    const { stream } = this;
    const isNegated = stream.skip('name', 'not');
    const name = this.#dottedName();
    let given = noArguments();
    if (stream.isOperator('(')) given = this.arguments();
    else if (this.#hasTestArgument()) {
      if (stream.isName('is')) throw stream.fail('tests cannot be chained with is');
      given.list.push(this.#postfix(this.#primary()));
    }
    const test: Expression = { kind: 'test', node, name, ...given };
    return isNegated ? { kind: 'not', node: test } : test;
  }

  #hasTestArgument(): boolean {
    const { stream } = this;
    if (stream.is('name')) return !stream.isName('else', 'or', 'and');
    if (stream.is('string') || stream.is('integer') || stream.is('float')) return true;
    return stream.isOperator('(', '[', '{');
  }

  #dottedName(): string {
    let name = this.stream.expect('name').text;
    while (this.stream.skip('operator', '.')) name += `.${this.stream.expect('name').text}`;
    return name;
  }
}

export function noArguments(): CallArguments {
  return { list: [], named: [], rest: undefined, namedRest: undefined };
}

function isAssign({ following }: TokenStream): boolean {
  return following.kind === 'operator' && following.text === '=';
}

function isWord({ kind, text }: { kind: string; text: string }, word: string): boolean {
  return kind === 'name' && text === word;
}

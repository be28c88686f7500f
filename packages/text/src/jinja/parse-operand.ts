/**
 * Operands of expressions: literals, names, lists and dicts, and what binds to them tightest:
 * subscripts, calls, filters and tests.
 *
 * Source: Jinja2 3.1, "Template Designer Documentation" (literals, filters, tests).
 */
import { integerValue } from './literal.ts';
import type { CallArguments, Expression, FilterNode } from './nodes.ts';
import type { TokenStream } from './token-stream.ts';

const CONSTANTS = new Map<string, boolean | null>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

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

/** Whole expressions, as operands contain them. */
interface WholeExpressions {
  expression(): Expression;
  tuple(options: TupleOptions): Expression;
}

export class OperandParser {
  readonly #stream: TokenStream;
  readonly #whole: WholeExpressions;

  constructor(stream: TokenStream, whole: WholeExpressions) {
    this.#stream = stream;
    this.#whole = whole;
  }

  /** The filters behind a `|`, or behind the word of a block. */
  filters(inner: Expression | undefined, isInline = false): FilterNode | undefined {
    let node = inner;
    let found: FilterNode | undefined;
    for (let isFirst = isInline; isFirst || this.#stream.isOperator('|'); isFirst = false) {
      if (!isFirst) this.#stream.next();
      const name = this.#dottedName();
      const given = this.#stream.isOperator('(') ? this.#arguments() : noArguments();
      found = { kind: 'filter', node, name, ...given };
      node = found;
    }
    return found;
  }

  #arguments(): CallArguments {
    const given = noArguments();
    this.#stream.expect('operator', '(');
    for (let isFirst = true; !this.#stream.isOperator(')'); isFirst = false) {
      if (!isFirst) {
        this.#stream.expect('operator', ',');
        if (this.#stream.isOperator(')')) break;
      }
      this.#argument(given);
    }
    this.#stream.expect('operator', ')');
    return given;
  }

  #argument(given: CallArguments): void {
    const stream = this.#stream;
    const ensure = (isRight: boolean): void => {
      if (!isRight) throw stream.fail('invalid syntax for function call expression');
    };
    if (stream.skip('operator', '*')) {
      ensure(given.rest === undefined && given.namedRest === undefined);
      given.rest = this.#whole.expression();
    } else if (stream.skip('operator', '**')) {
      ensure(given.namedRest === undefined);
      given.namedRest = this.#whole.expression();
    } else if (stream.is('name') && isAssign(stream)) {
      ensure(given.namedRest === undefined);
      const name = stream.next().text;
      stream.next();
      given.named.push({ name, value: this.#whole.expression() });
    } else {
      ensure(given.rest === undefined && given.namedRest === undefined);
      ensure(given.named.length === 0);
      given.list.push(this.#whole.expression());
    }
  }

  /** A literal, a name, or what stands in brackets; `ns.a` is one where it is a target. */
  primary(hasNamespaces = false): Expression {
    const stream = this.#stream;
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
      const inside = this.#whole.tuple({ isBracketed: true });
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
    if (hasNamespaces && this.#stream.skip('operator', '.')) {
      return { kind: 'namespace', name, attribute: this.#stream.expect('name').text };
    }
    return { kind: 'name', name, use: 'load' };
  }

  #list(): Expression {
    const items: Expression[] = [];
    while (!this.#stream.isOperator(']')) {
      if (items.length > 0) this.#stream.expect('operator', ',');
      if (this.#stream.isOperator(']')) break;
      items.push(this.#whole.expression());
    }
    this.#stream.expect('operator', ']');
    return { kind: 'list', items };
  }

  #dict(): Expression {
    const pairs: { key: Expression; value: Expression }[] = [];
    while (!this.#stream.isOperator('}')) {
      if (pairs.length > 0) this.#stream.expect('operator', ',');
      if (this.#stream.isOperator('}')) break;
      const key = this.#whole.expression();
      this.#stream.expect('operator', ':');
      pairs.push({ key, value: this.#whole.expression() });
    }
    this.#stream.expect('operator', '}');
    return { kind: 'dict', pairs };
  }

  /** What follows an operand at once: `.a`, `[i]` and calls. */
  postfix(inner: Expression): Expression {
    let node = inner;
    for (;;) {
      if (this.#stream.isOperator('.', '[')) node = this.#subscript(node);
      else if (this.#stream.isOperator('(')) node = { kind: 'call', node, ...this.#arguments() };
      else return node;
    }
  }

  /** What binds an operand tightest of all operators: `| filter`, `is test`. */
  filtersAndTests(inner: Expression): Expression {
    let node = inner;
    for (;;) {
      if (this.#stream.isOperator('|')) node = this.filters(node) ?? node;
      else if (this.#stream.skip('name', 'is')) node = this.#test(node);
      else if (this.#stream.isOperator('(')) node = { kind: 'call', node, ...this.#arguments() };
      else return node;
    }
  }

  #subscript(node: Expression): Expression {
    const stream = this.#stream;
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
    const stream = this.#stream;
    const part = (): Expression | undefined =>
      stream.isOperator(':', ']', ',') ? undefined : this.#whole.expression();
    const start = part();
    if (start !== undefined && !stream.isOperator(':')) return start;
    stream.expect('operator', ':');
    const stop = part();
    const step = stream.skip('operator', ':') ? part() : undefined;
    return { kind: 'slice', start, stop, step };
  }

  #test(node: Expression): Expression {
    const stream = this.#stream;
    const isNegated = stream.skip('name', 'not');
    const name = this.#dottedName();
    let given = noArguments();
    if (stream.isOperator('(')) given = this.#arguments();
    else if (this.#hasTestArgument()) {
      if (stream.isName('is')) throw stream.fail('tests cannot be chained with is');
      given.list.push(this.postfix(this.primary()));
    }
    const test: Expression = { kind: 'test', node, name, ...given };
    return isNegated ? { kind: 'not', node: test } : test;
  }

  #hasTestArgument(): boolean {
    const stream = this.#stream;
    if (stream.is('name')) return !stream.isName('else', 'or', 'and');
    if (stream.is('string') || stream.is('integer') || stream.is('float')) return true;
    return stream.isOperator('(', '[', '{');
  }

  #dottedName(): string {
    let name = this.#stream.expect('name').text;
    while (this.#stream.skip('operator', '.')) name += `.${this.#stream.expect('name').text}`;
    return name;
  }
}

function noArguments(): CallArguments {
  return { list: [], named: [], rest: undefined, namedRest: undefined };
}

function isAssign({ following }: TokenStream): boolean {
  return following.kind === 'operator' && following.text === '=';
}

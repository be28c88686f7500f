/**
 * Expressions of a template: its operators, by how tight they bind.
 *
 *     condition > or > and > not > compare > + - > ~ > * / // % > ** > unary > operands
 *
 * Two things are Jinja's own: `~` binds tighter than `+`, and `**` groups from the left. Filters
 * and tests bind tightest, but a sign stands outside of none of them: `-1 | abs` is `(-1) | abs`.
 *
 * Source: Jinja2 3.1, "Template Designer Documentation" (expressions) and its behavior.
 */
import type { CompareOperator, Expression, FilterNode } from './nodes.ts';
import type { Operation } from './numbers.ts';
import { OperandParser, type TupleOptions } from './parse-operand.ts';
import type { TokenStream } from './token-stream.ts';

const COMPARES = ['==', '!=', '<', '<=', '>', '>='];

export class ExpressionParser {
  readonly stream: TokenStream;
  readonly #operands: OperandParser;

  constructor(stream: TokenStream) {
    this.stream = stream;
    this.#operands = new OperandParser(stream, this);
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
      items.push(
        isSimple ? this.#operands.primary(options.hasNamespaces) : this.expression(isPlain),
      );
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
    return this.#operands.filters(inner, isInline);
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
    } else node = this.#operands.primary();
    node = this.#operands.postfix(node);
    return hasFilters ? this.#operands.filtersAndTests(node) : node;
  }
}

function isWord({ kind, text }: { kind: string; text: string }, word: string): boolean {
  return kind === 'name' && text === word;
}

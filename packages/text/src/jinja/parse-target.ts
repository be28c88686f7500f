/**
 * What a template assigns to: names, tuples of them and attributes of namespaces; and parameters.
 *
 * Source: Jinja2 3.1, "Template Designer Documentation" (assignments, macros).
 */
import type { Expression, NameNode, Signature, Target } from './nodes.ts';
import type { ExpressionParser } from './parse-expression.ts';
import type { TupleOptions } from './parse-operand.ts';
import type { TokenStream } from './token-stream.ts';

const CONSTANT_NAMES = ['true', 'false', 'none', 'True', 'False', 'None'];

export class TargetParser {
  readonly #stream: TokenStream;
  readonly #expressions: ExpressionParser;

  constructor(stream: TokenStream, expressions: ExpressionParser) {
    this.#stream = stream;
    this.#expressions = expressions;
  }

  /** A target of `set`, `for` or `with`; its names are stored. */
  target(options: TupleOptions = {}): Target {
    const target = this.#expressions.tuple({ ...options, isSimple: true });
    this.#store(target);
    return target;
  }

  /** One name that is assigned to, and no constant. */
  name(use: NameNode['use']): NameNode {
    const { text } = this.#stream.expect('name');
    if (CONSTANT_NAMES.includes(text)) throw this.#stream.fail(`cannot assign to ${text}`);
    return { kind: 'name', name: text, use };
  }

  /** Parameters in brackets, those with defaults last. */
  signature(): Signature {
    const stream = this.#stream;
    const [parameters, defaults]: [NameNode[], Expression[]] = [[], []];
    stream.expect('operator', '(');
    while (!stream.isOperator(')')) {
      if (parameters.length > 0) stream.expect('operator', ',');
      const parameter = this.name('param');
      if (stream.skip('operator', '=')) defaults.push(this.#expressions.expression());
      else if (defaults.length > 0) throw stream.fail('a parameter without default after others');
      parameters.push(parameter);
    }
    stream.expect('operator', ')');
    return { parameters, defaults };
  }

  /** Makes names of a target names that are stored. */
  #store(target: Target): void {
    if (target.kind === 'name') target.use = 'store';
    else if (target.kind === 'tuple') for (const item of target.items) this.#store(item);
    else if (target.kind !== 'namespace')
      throw this.#stream.fail(`cannot assign to ${target.kind}`);
  }
}

/** A target whose names are parameters of the block behind it. */
export function asParameter(target: Target): Target {
  if (target.kind === 'name') target.use = 'param';
  else if (target.kind === 'tuple') for (const item of target.items) asParameter(item);
  return target;
}

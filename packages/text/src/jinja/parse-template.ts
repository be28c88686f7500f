/**
 * A template as a tree of statements.
 *
 * Source: Jinja2 3.1, "Template Designer Documentation" (control structures); `break`, `continue`
 * of its loop controls; `generation` of transformers.
 */
import { tokenize } from './lexer.ts';
import type { CallBlockNode, Expression, IfNode, Signature } from './nodes.ts';
import type { Statement, Target } from './nodes.ts';
import { ExpressionParser } from './parse-expression.ts';
import { asParameter, TargetParser } from './parse-target.ts';
import { TokenStream } from './token-stream.ts';

/** Parses a template. Throws: TemplateFault. */
export function parseTemplate(template: string): Statement[] {
  return new TemplateParser(new TokenStream(tokenize(template))).run();
}

class TemplateParser {
  readonly #stream: TokenStream;
  readonly #expressions: ExpressionParser;
  readonly #targets: TargetParser;
  readonly #tags: ReadonlyMap<string, () => Statement> = new Map([
    ['set', () => this.#set()],
    ['for', () => this.#for()],
    ['if', () => this.#if()],
    ['macro', () => this.#macro()],
    ['call', () => this.#call()],
    ['generation', () => this.#generation()],
    ['filter', () => this.#filter()],
    ['with', () => this.#with()],
    ['block', () => this.#block()],
    ['print', () => this.#print()],
    ['break', () => ({ kind: this.#stream.next().text === 'break' ? 'break' : 'continue' })],
    ['continue', () => ({ kind: this.#stream.next().text === 'break' ? 'break' : 'continue' })],
    ['include', () => this.#elsewhere()],
    ['import', () => this.#elsewhere()],
    ['from', () => this.#elsewhere()],
    ['extends', () => this.#elsewhere()],
  ]);

  constructor(stream: TokenStream) {
    this.#stream = stream;
    this.#expressions = new ExpressionParser(stream);
    this.#targets = new TargetParser(stream, this.#expressions);
  }

  run(): Statement[] {
    const body = this.#body([]);
    if (!this.#stream.is('end')) throw this.#stream.fail('expected the end');
    return body;
  }

  /** Statements up to a tag of one of these names, which is next then. */
  #body(ends: readonly string[]): Statement[] {
    const stream = this.#stream;
    const body: Statement[] = [];
    let output: (Statement & { kind: 'output' }) | undefined;
    const print = (node: (Statement & { kind: 'output' })['nodes'][number]): void => {
      if (output === undefined) body.push((output = { kind: 'output', nodes: [] }));
      output.nodes.push(node);
    };
    while (!stream.is('end')) {
      const token = stream.next();
      if (token.kind === 'data') print({ kind: 'data', text: token.text });
      else if (token.kind === 'variableBegin') {
        print(this.#expressions.tuple());
        stream.expect('variableEnd');
      } else {
        output = undefined;
        if (ends.length > 0 && stream.isName(...ends)) return body;
        body.push(this.#statement());
        stream.expect('blockEnd');
      }
    }
    if (ends.length > 0) throw stream.fail(`expected ${ends.join(' or ')}`);
    return body;
  }

  #statement(): Statement {
    if (!this.#stream.is('name')) throw this.#stream.fail('expected the name of a tag');
    const parse = this.#tags.get(this.#stream.current.text);
    if (parse === undefined) throw this.#stream.fail('unknown tag');
    return parse();
  }

  /** A body behind the end of its tag; the closing tag's name is taken. */
  #enclosed(...ends: string[]): { body: Statement[]; end: string } {
    this.#stream.skip('operator', ':');
    this.#stream.expect('blockEnd');
    const body = this.#body(ends);
    return { body, end: this.#stream.next().text };
  }

  #set(): Statement {
    this.#stream.next();
    const target = this.#targets.target({ hasNamespaces: true });
    if (this.#stream.skip('operator', '=')) {
      return { kind: 'set', target, value: this.#expressions.tuple() };
    }
    const filter = this.#expressions.filters(undefined);
    return { kind: 'setBlock', target, filter, body: this.#enclosed('endset').body };
  }

  #for(): Statement {
    const stream = this.#stream;
    stream.next();
    const target = this.#targets.target({ end: 'in' });
    stream.expect('name', 'in');
    const items = this.#expressions.tuple({ isPlain: true, end: 'recursive' });
    const test = stream.skip('name', 'if') ? this.#expressions.expression() : undefined;
    const isRecursive = stream.skip('name', 'recursive');
    const { body, end } = this.#enclosed('endfor', 'else');
    const otherwise = end === 'endfor' ? [] : this.#enclosed('endfor').body;
    return { kind: 'for', target, items, test, isRecursive, body, otherwise };
  }

  #if(): Statement {
    this.#stream.next();
    const branch = (): IfNode & { end: string } => {
      const test = this.#expressions.tuple({ isPlain: true });
      const { body, end } = this.#enclosed('elif', 'else', 'endif');
      return { kind: 'if', test, body, elifs: [], otherwise: [], end };
    };
    let { end, ...node } = branch();
    while (end === 'elif') {
      const { end: nextEnd, ...elif } = branch();
      node.elifs.push(elif);
      end = nextEnd;
    }
    if (end === 'else') node = { ...node, otherwise: this.#enclosed('endif').body };
    return node;
  }

  #macro(): Statement {
    this.#stream.next();
    const { name } = this.#targets.name('store');
    const signature = this.#targets.signature();
    return { kind: 'macro', name, ...signature, body: this.#enclosed('endmacro').body };
  }

  #call(): Statement {
    this.#stream.next();
    const none: Signature = { parameters: [], defaults: [] };
    const signature = this.#stream.isOperator('(') ? this.#targets.signature() : none;
    const call = this.#expressions.expression();
    if (call.kind !== 'call') throw this.#stream.fail('expected a call');
    return { kind: 'callBlock', ...signature, call, body: this.#enclosed('endcall').body };
  }

  #generation(): CallBlockNode {
    this.#stream.next();
    const { body } = this.#enclosed('endgeneration');
    return { kind: 'callBlock', parameters: [], defaults: [], call: undefined, body };
  }

  #filter(): Statement {
    this.#stream.next();
    const filter = this.#expressions.filters(undefined, true);
    if (filter === undefined) throw this.#stream.fail('expected a filter');
    return { kind: 'filterBlock', filter, body: this.#enclosed('endfilter').body };
  }

  #with(): Statement {
    const stream = this.#stream;
    stream.next();
    const [targets, values]: [Target[], Expression[]] = [[], []];
    while (!stream.is('blockEnd')) {
      if (targets.length > 0) stream.expect('operator', ',');
      targets.push(asParameter(this.#targets.target()));
      stream.expect('operator', '=');
      values.push(this.#expressions.expression());
    }
    return { kind: 'with', targets, values, body: this.#enclosed('endwith').body };
  }

  #block(): Statement {
    const stream = this.#stream;
    stream.next();
    const name = stream.expect('name').text;
    const isScoped = stream.skip('name', 'scoped');
    stream.skip('name', 'required');
    const { body } = this.#enclosed('endblock');
    stream.skip('name', name);
    return { kind: 'block', name, isScoped, body };
  }

  #print(): Statement {
    this.#stream.next();
    const nodes: Expression[] = [];
    while (!this.#stream.is('blockEnd')) {
      if (nodes.length > 0) this.#stream.expect('operator', ',');
      nodes.push(this.#expressions.expression());
    }
    return { kind: 'output', nodes };
  }

  /** Tags that need other templates: faults where they are reached, as there are none. */
  #elsewhere(): Statement {
    const tag = this.#stream.next().text;
    while (!this.#stream.is('blockEnd') && !this.#stream.is('end')) this.#stream.next();
    return { kind: 'elsewhere', tag };
  }
}

/**
 * Statements as functions of the variables; what they print goes to the rendering's output.
 */
import { compile, compileFilter, type Evaluate } from './compile-expression.ts';
import { compileCallBlock, compileMacro } from './compile-macro.ts';
import { TemplateFault, ValueFault } from './errors.ts';
import { innerFrame, type BodyFrame, type Run, type Signal } from './frame.ts';
import { LoopState } from './loop.ts';
import type { ForNode, IfNode, SetBlockNode, Statement, Target, WithNode } from './nodes.ts';
import { walk, type FilterBlockNode } from './nodes.ts';
import { isTrue, listOf } from './operators.ts';
import { Scope } from './scope.ts';
import { Symbols, undeclared } from './symbols.ts';
import { Items, Namespace, type Value } from './values.ts';
import { write } from './write.ts';

/** Compiles a body. Throws: TemplateFault. */
export function compileBody(body: readonly Statement[], frame: BodyFrame): Run {
  const runs = body.map((statement) => compileStatement(statement, frame));
  return (scope) => {
    for (const run of runs) {
      const signal = run(scope);
      if (signal !== undefined) return signal;
    }
    return undefined;
  };
}

function compileStatement(node: Statement, frame: BodyFrame): Run {
  switch (node.kind) {
    case 'output':
      return compileOutput(node.nodes, frame);
    case 'if':
      return compileIf(node, { ...frame, isBranch: true });
    case 'for':
      return compileFor(node, frame);
    case 'set':
      return compileSet(node, frame);
    case 'setBlock':
      return compileSetBlock(node, frame);
    case 'filterBlock':
      return compileFilterBlock(node, frame);
    case 'with':
      return compileWith(node, frame);
    case 'macro':
      return compileMacro(node, frame, compileBody);
    case 'callBlock':
      return compileCallBlock(node, frame, compileBody);
    case 'block':
      return compileBlock(node, frame);
    case 'break':
    case 'continue':
      if (!frame.isInLoop) throw new TemplateFault(`'${node.kind}' outside of a loop`);
      return () => node.kind;
    case 'elsewhere':
      return () => {
        throw new TemplateFault(`'${node.tag}' needs other templates, and there are none`);
      };
  }
}

function compileOutput(nodes: (Statement & { kind: 'output' })['nodes'], frame: BodyFrame): Run {
  const parts = nodes.map((node): ((scope: Scope) => string) => {
    if (node.kind === 'data') return () => node.text;
    const evaluate = compile(node, frame);
    return (scope) => write(evaluate(scope));
  });
  return (scope) => {
    scope.rendering.step();
    for (const part of parts) {
      const text = part(scope);
      scope.rendering.output.push(text);
    }
    return undefined;
  };
}

function compileIf(node: IfNode, frame: BodyFrame): Run {
  const branches = [node, ...node.elifs].map(
    ({ test, body }) => [compile(test, frame), compileBody(body, frame)] as const,
  );
  const otherwise = compileBody(node.otherwise, frame);
  return (scope) => {
    for (const [test, body] of branches) if (isTrue(test(scope))) return body(scope);
    return otherwise(scope);
  };
}

// ---- assignments

/** Stores a value in a target. */
export function compileTarget(
  target: Target,
  frame: BodyFrame,
): (scope: Scope, value: Value) => void {
  if (target.kind === 'name') {
    const { name } = target;
    const depth = frame.symbols.depthOf(name) ?? 0;
    return (scope, value) => {
      scope.set(name, depth, value);
      if (frame.isTop) scope.rendering.stored.set(name, value);
    };
  }
  if (target.kind === 'namespace') {
    const { name, attribute } = target;
    const depth = frame.symbols.depthOf(name) ?? 0;
    return (scope, value) => {
      const namespace = scope.get(name, depth);
      if (namespace instanceof Namespace) namespace.attributes.set(attribute, value);
    };
  }
  if (target.kind !== 'tuple') throw new TemplateFault(`cannot assign to ${target.kind}`);
  const parts = target.items.map((item) => compileTarget(item, frame));
  return (scope, value) => {
    const values = listOf(value);
    if (values.length !== parts.length) {
      throw new ValueFault(`${values.length} values to unpack, expected ${parts.length}`);
    }
    for (const [index, part] of parts.entries()) part(scope, values[index] ?? null);
  };
}

/** Checks, before anything is computed, that attributes are stored in namespaces only. */
function compileNamespaceCheck(target: Target, frame: BodyFrame): (scope: Scope) => void {
  const names = [...walk(target)].flatMap((node) => (node.kind === 'namespace' ? node.name : []));
  return (scope) => {
    for (const name of names) {
      if (scope.get(name, frame.symbols.depthOf(name) ?? 0) instanceof Namespace) continue;
      throw new TemplateFault('cannot assign attribute on non-namespace object');
    }
  };
}

function compileSet(node: Statement & { kind: 'set' }, frame: BodyFrame): Run {
  const check = compileNamespaceCheck(node.target, frame);
  const value = compile(node.value, frame);
  const store = compileTarget(node.target, frame);
  return (scope) => {
    check(scope);
    store(scope, value(scope));
    return undefined;
  };
}

/** A body whose text is taken, in a scope of its own. */
function compileCaptured(
  body: readonly Statement[],
  filter: Parameters<typeof compileFilter>[0] | undefined,
  { frame, symbols }: { frame: BodyFrame; symbols: Symbols },
): (scope: Scope) => { signal: Signal; value: Value } {
  const inner = innerFrame(frame, symbols);
  const run = compileBody(body, inner);
  let text = '';
  const apply: Evaluate | undefined =
    filter === undefined ? undefined : compileFilter(filter, { ...inner, block: () => text });
  return (scope) => {
    const own = new Scope(symbols, scope.rendering, scope);
    let signal: Signal;
    text = scope.rendering.capture(() => {
      signal = run(own);
    });
    const isWhole = signal === undefined;
    return { signal, value: isWhole && apply !== undefined ? apply(own) : text };
  };
}

function compileSetBlock(node: SetBlockNode, frame: BodyFrame): Run {
  const symbols = new Symbols(frame.symbols);
  for (const statement of node.body) symbols.visit(statement);
  if (node.filter !== undefined) symbols.visit(node.filter);
  const capture = compileCaptured(node.body, node.filter, { frame, symbols });
  const store = compileTarget(node.target, frame);
  return (scope) => {
    const { signal, value } = capture(scope);
    if (signal === undefined) store(scope, value);
    return signal;
  };
}

function compileFilterBlock(node: FilterBlockNode, frame: BodyFrame): Run {
  const symbols = new Symbols(frame.symbols);
  symbols.visit(node.filter);
  for (const statement of node.body) symbols.visit(statement);
  const capture = compileCaptured(node.body, node.filter, { frame, symbols });
  return (scope) => {
    const { signal, value } = capture(scope);
    if (signal === undefined) scope.rendering.output.push(write(value));
    return signal;
  };
}

function compileWith(node: WithNode, frame: BodyFrame): Run {
  const symbols = new Symbols(frame.symbols);
  for (const target of node.targets) symbols.visit(target);
  for (const statement of node.body) symbols.visit(statement);
  const inner = innerFrame(frame, symbols);
  const targets = node.targets.map((target) => compileTarget(target, inner));
  const values = node.values.map((value) => compile(value, frame));
  const run = compileBody(node.body, inner);
  return (scope) => {
    const own = new Scope(symbols, scope.rendering, scope);
    for (const [index, store] of targets.entries()) store(own, values[index]?.(scope) ?? null);
    return run(own);
  };
}

/** A block: seen from outside every scope, unless it says otherwise. */
function compileBlock(node: Statement & { kind: 'block' }, frame: BodyFrame): Run {
  const symbols = new Symbols(node.isScoped ? frame.symbols : undefined);
  for (const statement of node.body) symbols.visit(statement);
  const run = compileBody(node.body, { ...innerFrame(frame, symbols), isInLoop: false });
  return (scope) => {
    run(new Scope(symbols, scope.rendering, node.isScoped ? scope : undefined));
    return undefined;
  };
}

// ---- loops

function loopSymbols(node: ForNode, frame: BodyFrame, hasLoop: boolean): Symbols {
  const symbols = new Symbols(frame.symbols);
  if (hasLoop) symbols.declare('loop');
  symbols.visit(node.target, true);
  return symbols;
}

function compileFor(node: ForNode, frame: BodyFrame): Run {
  for (const inner of walk(node)) {
    const isLoop = inner.kind === 'name' && inner.use === 'store' && inner.name === 'loop';
    if (isLoop) throw new TemplateFault("cannot assign to special loop variable 'loop'");
  }
  const hasLoop = node.isRecursive || undeclared(node.body, ['loop']).size > 0;
  const symbols = loopSymbols(node, frame, hasLoop);
  for (const statement of node.body) symbols.visit(statement);
  const inner: BodyFrame = { ...innerFrame(frame, symbols), isInLoop: true };
  const body = compileBody(node.body, inner);
  const store = compileTarget(node.target, inner);
  const items = compile(node.items, frame);
  const chosen = compileChoice(node, frame);
  const otherwise = compileOtherwise(node, frame);

  const run = (scope: Scope, given: Value, depth: bigint): Signal => {
    const recurse = (more: Value, deeper: bigint): Value =>
      scope.rendering.capture(() => run(scope, more, deeper));
    const kept = chosen === undefined ? given : chosen(scope, given);
    const loop = new LoopState(kept, node.isRecursive ? recurse : undefined, depth);
    let isEmpty = true;
    for (let next = loop.next(); next !== undefined; next = loop.next()) {
      scope.rendering.step();
      const own = new Scope(symbols, scope.rendering, scope);
      store(own, next.value);
      if (hasLoop) own.set('loop', 0, loop);
      const signal = body(own);
      if (signal === 'break') break;
      if (signal === undefined) isEmpty = false;
    }
    return isEmpty ? otherwise(scope) : undefined;
  };
  return (scope) => run(scope, items(scope), 0n);
}

function compileOtherwise(node: ForNode, frame: BodyFrame): Run {
  const symbols = new Symbols(frame.symbols);
  for (const statement of node.otherwise) symbols.visit(statement);
  const run = compileBody(node.otherwise, innerFrame(frame, symbols));
  if (node.otherwise.length === 0) return () => undefined;
  return (scope) => run(new Scope(symbols, scope.rendering, scope));
}

/** `for … if`: items are tried as the loop comes to them. */
function compileChoice(
  node: ForNode,
  frame: BodyFrame,
): ((scope: Scope, items: Value) => Items) | undefined {
  if (node.test === undefined) return undefined;
  const symbols = loopSymbols(node, frame, false);
  symbols.visit(node.test);
  const inner = innerFrame(frame, symbols);
  const store = compileTarget(node.target, inner);
  const test = compile(node.test, inner);
  return (scope, items) => {
    const choose = function* (): Generator<Value> {
      const all = new LoopState(items, undefined, 0n);
      const own = new Scope(symbols, scope.rendering, scope);
      for (let next = all.next(); next !== undefined; next = all.next()) {
        scope.rendering.step();
        store(own, next.value);
        if (isTrue(test(own))) yield next.value;
      }
    };
    return new Items(choose());
  };
}

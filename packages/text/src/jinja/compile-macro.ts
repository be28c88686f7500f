/**
 * Macros, and blocks that are given to a macro as its `caller`.
 *
 * Source: Jinja2 3.1, "Template Designer Documentation" (macros, call), and its behavior.
 */
import { compile, compileArguments, type Evaluate } from './compile-expression.ts';
import { TemplateFault, TypeFault } from './errors.ts';
import { innerFrame, type BodyFrame, type Run } from './frame.ts';
import { callValue } from './members.ts';
import type { CallBlockNode, MacroNode, Statement } from './nodes.ts';
import { Scope } from './scope.ts';
import { Symbols, undeclared } from './symbols.ts';
import { Callable, Dict, Tuple, Undefined, type Arguments, type Value } from './values.ts';
import { write } from './write.ts';

/** Compiles the statements of a macro: handed in, as they may hold macros again. */
type CompileBody = (body: readonly Statement[], frame: BodyFrame) => Run;

const SPECIAL = ['caller', 'kwargs', 'varargs'] as const;

/** Makes the function of a macro, in the scope where it is defined. */
function compileFunction(
  node: MacroNode | CallBlockNode,
  frame: BodyFrame,
  compileBody: CompileBody,
): (scope: Scope) => Callable {
  const name = node.kind === 'macro' ? node.name : null;
  const symbols = new Symbols(frame.symbols);
  for (const part of [...node.parameters, ...node.defaults, ...node.body]) symbols.visit(part);
  const parameters = node.parameters.map((parameter) => parameter.name);
  if (new Set(parameters).size < parameters.length) throw new TemplateFault('a parameter twice');
  const used = undeclared(node.body, SPECIAL);
  const own = new Set(SPECIAL.filter((word) => used.has(word) && !parameters.includes(word)));
  for (const word of own) symbols.declare(word);
  const firstDefault = parameters.length - node.defaults.length;
  const explicitCaller = parameters.indexOf('caller');
  if (used.has('caller') && explicitCaller >= 0 && explicitCaller < firstDefault) {
    throw new TemplateFault('the argument caller must be left out or have a default');
  }
  const inner = { ...innerFrame(frame, symbols), isInLoop: false };
  const defaults = node.defaults.map((value) => compile(value, inner));
  const body = compileBody(node.body, inner);
  const members = new Map<string, Value>([
    ['name', name],
    ['arguments', new Tuple(parameters)],
    ['catch_kwargs', own.has('kwargs')],
    ['catch_varargs', own.has('varargs')],
    ['caller', used.has('caller')],
  ]);
  return (scope) =>
    new Callable(
      name ?? 'caller',
      (given) => {
        const local = new Scope(symbols, scope.rendering, scope);
        bind(given, { name, parameters, own, local });
        for (const [index, parameter] of parameters.entries()) {
          fillIn(parameter, defaults[index - firstDefault], local);
        }
        return scope.rendering.capture(() => body(local));
      },
      members,
    );
}

interface Binding {
  name: string | null;
  parameters: readonly string[];
  own: ReadonlySet<string>;
  local: Scope;
}

/** Hands arguments to parameters. Throws: TypeFault for what no parameter takes. */
function bind(given: Arguments, { name, parameters, own, local }: Binding): void {
  const named = new Map(given.named);
  for (const [index, parameter] of parameters.entries()) {
    let value = given.list[index];
    if (index >= given.list.length) {
      value = named.get(parameter);
      named.delete(parameter);
    }
    if (value !== undefined) local.set(parameter, 0, value);
  }
  if (own.has('caller')) {
    const caller = named.get('caller') ?? null;
    named.delete('caller');
    local.set('caller', 0, caller ?? new Undefined('no caller defined'));
  }
  if (own.has('kwargs')) local.set('kwargs', 0, Dict.from(named));
  else if (named.size > 0) {
    const [first] = named.keys();
    throw new TypeFault(`macro '${name}' takes no keyword argument '${first}'`);
  }
  const more = given.list.slice(parameters.length);
  if (own.has('varargs')) local.set('varargs', 0, new Tuple(more));
  else if (more.length > 0) {
    throw new TypeFault(`macro '${name}' takes not more than ${parameters.length} argument(s)`);
  }
}

function fillIn(parameter: string, missing: Evaluate | undefined, local: Scope): void {
  if (local.find(parameter) !== undefined) return;
  const none = new Undefined(`parameter '${parameter}' was not provided`);
  local.set(parameter, 0, missing === undefined ? none : missing(local));
}

export function compileMacro(node: MacroNode, frame: BodyFrame, compileBody: CompileBody): Run {
  const make = compileFunction(node, frame, compileBody);
  const depth = frame.symbols.depthOf(node.name) ?? 0;
  return (scope) => {
    const macro = make(scope);
    scope.set(node.name, depth, macro);
    if (frame.isTop) scope.rendering.stored.set(node.name, macro);
    return undefined;
  };
}

export function compileCallBlock(
  node: CallBlockNode,
  frame: BodyFrame,
  compileBody: CompileBody,
): Run {
  const make = compileFunction(node, frame, compileBody);
  const { call } = node;
  const callee = call === undefined ? undefined : compile(call.node, frame);
  const given = call === undefined ? undefined : compileArguments(call, frame);
  return (scope) => {
    scope.rendering.step();
    const caller = make(scope);
    const none: Arguments = { list: [], named: new Map() };
    const value =
      callee === undefined || given === undefined
        ? caller.call(none)
        : callValue(callee(scope), given(scope, [['caller', caller]]));
    scope.rendering.output.push(write(value));
    return undefined;
  };
}

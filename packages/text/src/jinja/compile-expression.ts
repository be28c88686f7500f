/**
 * Expressions as functions of the variables.
 */
import { TemplateFault, TypeFault } from './errors.ts';
import { FILTERS } from './filters/all.ts';
import type { Frame } from './frame.ts';
import { attributeOf, callValue, itemOf, sliceOf } from './members.ts';
import type { CallArguments, CompareOperator, Expression, FilterNode } from './nodes.ts';
import { walk } from './nodes.ts';
import { calculate } from './numbers.ts';
import { contains, holds, isEqual, isTrue, listOf, operate } from './operators.ts';
import type { Scope } from './scope.ts';
import { TESTS } from './tests.ts';
import { clean } from './text.ts';
import {
  Dict,
  isNumber,
  isText,
  numberOf,
  Tuple,
  typeName,
  Undefined,
  type Arguments,
  type Value,
} from './values.ts';
import { write } from './write.ts';

export type Evaluate = (scope: Scope) => Value;

/** Compiles an expression. Throws: TemplateFault, for names that do not exist. */
export function compile(node: Expression, frame: Frame): Evaluate {
  const evaluate = compileNode(node, frame);
  return (scope) => {
    scope.rendering.step();
    return evaluate(scope);
  };
}

type Compiler<K extends Expression['kind']> = (
  node: Extract<Expression, { kind: K }>,
  frame: Frame,
) => Evaluate;

const COMPILERS: { [K in Expression['kind']]: Compiler<K> } = {
  name: ({ name }, { symbols }) => {
    const depth = symbols.depthOf(name) ?? 0;
    return (scope) => scope.get(name, depth);
  },
  namespace: () => () => null,
  const: ({ value }) => {
    return () => value;
  },
  tuple: ({ items }, frame) => {
    const parts = compileAll(items, frame);
    return (scope) => new Tuple(parts.map((part) => part(scope)));
  },
  list: ({ items }, frame) => {
    const parts = compileAll(items, frame);
    return (scope) => parts.map((part) => part(scope));
  },
  dict: ({ pairs }, frame) => {
    const parts = pairs.map(
      ({ key, value }) => [compile(key, frame), compile(value, frame)] as const,
    );
    return (scope) => Dict.from(parts.map(([key, value]) => [key(scope), value(scope)]));
  },
  condition: (node, frame) => {
    const branch = { ...frame, isBranch: true };
    const [test, yes] = [compile(node.test, branch), compile(node.yes, branch)];
    const no = node.no === undefined ? undefined : compile(node.no, branch);
    const nothing = new Undefined('the inline if-expression was false and has no else');
    return (scope) => (isTrue(test(scope)) ? yes(scope) : (no?.(scope) ?? (no ? null : nothing)));
  },
  and: (node, frame) => {
    const [left, right] = [compile(node.left, frame), compile(node.right, frame)];
    return (scope) => {
      const value = left(scope);
      return isTrue(value) ? right(scope) : value;
    };
  },
  or: (node, frame) => {
    const [left, right] = [compile(node.left, frame), compile(node.right, frame)];
    return (scope) => {
      const value = left(scope);
      return isTrue(value) ? value : right(scope);
    };
  },
  not: ({ node }, frame) => {
    const inner = compile(node, frame);
    return (scope) => !isTrue(inner(scope));
  },
  negative: ({ node }, frame) => {
    const inner = compile(node, frame);
    return (scope) => signed(inner(scope), '-');
  },
  positive: ({ node }, frame) => {
    const inner = compile(node, frame);
    return (scope) => signed(inner(scope), '+');
  },
  compare: ({ first, rest }, frame) => {
    const start = compile(first, frame);
    const steps = rest.map(({ operator, node }) => [operator, compile(node, frame)] as const);
    return (scope) => {
      let left = start(scope);
      for (const [operator, node] of steps) {
        const right = node(scope);
        if (!compareValues(operator, left, right)) return false;
        left = right;
      }
      return true;
    };
  },
  concat: ({ items }, frame) => {
    const parts = compileAll(items, frame);
    return (scope) => parts.map((part) => write(part(scope))).join('');
  },
  binary: ({ operation, left, right }, frame) => {
    const [first, second] = [compile(left, frame), compile(right, frame)];
    return (scope) => operate(operation, first(scope), second(scope));
  },
  attribute: ({ node, name }, frame) => {
    const inner = compile(node, frame);
    return (scope) => attributeOf(inner(scope), name);
  },
  item: ({ node, argument }, frame) => {
    const inner = compile(node, frame);
    if (argument.kind === 'slice') {
      const { start, stop, step } = argument;
      const isFixed = ![...walk(node)].some(({ kind }) => kind === 'name' || kind === 'call');
      const parts = [start, stop, step].map((part) => (part ? compile(part, frame) : undefined));
      return (scope) => {
        const value = inner(scope);
        const [from = null, to = null, by = null] = parts.map((part) => part?.(scope) ?? null);
        return isFixed
          ? tryFixed(() => sliceOf(value, from, to, by))
          : sliceOf(value, from, to, by);
      };
    }
    const key = compile(argument, frame);
    return (scope) => itemOf(inner(scope), key(scope));
  },
  slice: () => {
    throw new TemplateFault('a slice stands alone between brackets');
  },
  call: (node, frame) => {
    const callee = compile(node.node, frame);
    const given = compileArguments(node, frame);
    return (scope) => callValue(callee(scope), given(scope));
  },
  filter: (node, frame) => compileFilter(node, frame),
  test: (node, frame) => {
    const { name } = node;
    const test = TESTS.get(name);
    if (test === undefined && !frame.isBranch) throw new TemplateFault(`no test named '${name}'`);
    const inner = compile(node.node, frame);
    const given = compileArguments(node, frame);
    return (scope) => {
      if (test === undefined) throw new TemplateFault(`no test named '${name}'`);
      return test(inner(scope), given(scope));
    };
  },
};

function compileNode(node: Expression, frame: Frame): Evaluate {
  const compiler = COMPILERS[node.kind] as Compiler<Expression['kind']>;
  return compiler(node as never, frame);
}

function compileAll(nodes: readonly Expression[], frame: Frame): Evaluate[] {
  return nodes.map((node) => compile(node, frame));
}

/** Compiles a filter; without a node it works on the text of its block. */
export function compileFilter(node: FilterNode, frame: Frame): Evaluate {
  const { name } = node;
  const filter = FILTERS.get(name);
  if (filter === undefined && !frame.isBranch) throw new TemplateFault(`no filter named '${name}'`);
  const { block } = frame;
  const inner =
    node.node === undefined
      ? (scope: Scope): Value => block?.(scope) ?? ''
      : node.node.kind === 'filter'
        ? compileFilter(node.node, frame)
        : compile(node.node, frame);
  const given = compileArguments(node, frame);
  return (scope) => {
    if (filter === undefined) throw new TemplateFault(`no filter named '${name}'`);
    scope.rendering.step();
    return filter(inner(scope), given(scope), scope.rendering);
  };
}

/** Compiles arguments; `more` are named ones that the template does not write. */
export function compileArguments(
  node: CallArguments,
  frame: Frame,
): (scope: Scope, more?: readonly (readonly [string, Value])[]) => Arguments {
  const list = compileAll(node.list, frame);
  const named = node.named.map(({ name, value }) => [name, compile(value, frame)] as const);
  const rest = node.rest === undefined ? undefined : compile(node.rest, frame);
  const namedRest = node.namedRest === undefined ? undefined : compile(node.namedRest, frame);
  const names = named.map(([name]) => name);
  if (new Set(names).size < names.length) throw new TemplateFault('keyword argument repeated');
  return (scope, more = []) => {
    const values = list.map((value) => value(scope));
    if (rest !== undefined) for (const value of listOf(rest(scope))) values.push(value);
    const all = new Map(named.map(([name, value]) => [name, value(scope)]));
    if (namedRest !== undefined) {
      const given = namedRest(scope);
      if (!(given instanceof Dict)) throw new TypeFault('argument after ** must be a mapping');
      for (const [key, value] of given.entries()) {
        const name = write(key);
        if (!isText(key) || all.has(name)) throw new TypeFault(`argument '${name}' after **`);
        all.set(clean(name), value);
      }
    }
    for (const [name, value] of more) {
      if (all.has(name)) throw new TypeFault(`two values for '${name}'`);
      all.set(name, value);
    }
    return { list: values, named: all };
  };
}

/** What Jinja2 computes while it compiles is undefined where it cannot be sliced. */
function tryFixed(slice: () => Value): Value {
  try {
    return slice();
  } catch (error) {
    if (error instanceof TypeFault) return new Undefined(error.message);
    throw error;
  }
}

function signed(value: Value, sign: '-' | '+'): Value {
  if (value instanceof Undefined) throw value.fail();
  if (!isNumber(value))
    throw new TypeFault(`bad operand type for unary ${sign}: ${typeName(value)}`);
  const number = numberOf(value);
  if (sign === '+') return number;
  return typeof number === 'number' ? -number : calculate('-', 0n, number);
}

function compareValues(operator: CompareOperator, a: Value, b: Value): boolean {
  switch (operator) {
    case '==':
      return isEqual(a, b);
    case '!=':
      return !isEqual(a, b);
    case 'in':
      return contains(b, a);
    case 'not in':
      return !contains(b, a);
    default:
      return holds(operator, a, b);
  }
}

/**
 * The tree of a template, as the parser makes it: expressions, statements and targets.
 */
import type { Operation } from './numbers.ts';
import type { Value } from './values.ts';

export interface CallArguments {
  list: Expression[];
  named: { name: string; value: Expression }[];
  /** `*more` and `**more`. */
  rest: Expression | undefined;
  namedRest: Expression | undefined;
}

export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export interface NameNode {
  kind: 'name';
  name: string;
  /** What is done to it: `param` are names of loops, macros and `with`. */
  use: 'load' | 'store' | 'param';
}

/** `ns.attribute` as a target. */
export interface NamespaceNode {
  kind: 'namespace';
  name: string;
  attribute: string;
}

export interface FilterNode extends CallArguments {
  kind: 'filter';
  /** Undefined: the text of a block. */
  node: Expression | undefined;
  name: string;
}

export interface CallNode extends CallArguments {
  kind: 'call';
  node: Expression;
}

export type Expression =
  | NameNode
  | NamespaceNode
  | FilterNode
  | CallNode
  | { kind: 'const'; value: Value }
  | { kind: 'tuple'; items: Expression[] }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'dict'; pairs: { key: Expression; value: Expression }[] }
  | { kind: 'condition'; test: Expression; yes: Expression; no: Expression | undefined }
  | { kind: 'and'; left: Expression; right: Expression }
  | { kind: 'or'; left: Expression; right: Expression }
  | { kind: 'not'; node: Expression }
  | { kind: 'negative'; node: Expression }
  | { kind: 'positive'; node: Expression }
  | { kind: 'compare'; first: Expression; rest: { operator: CompareOperator; node: Expression }[] }
  | { kind: 'concat'; items: Expression[] }
  | { kind: 'binary'; operation: Operation; left: Expression; right: Expression }
  | { kind: 'attribute'; node: Expression; name: string }
  | { kind: 'item'; node: Expression; argument: Expression }
  | {
      kind: 'slice';
      start: Expression | undefined;
      stop: Expression | undefined;
      step: Expression | undefined;
    }
  | ({ kind: 'test'; node: Expression; name: string } & CallArguments);

export type Target = Expression;

export interface Signature {
  parameters: NameNode[];
  defaults: Expression[];
}

export interface ForNode {
  kind: 'for';
  target: Target;
  items: Expression;
  test: Expression | undefined;
  isRecursive: boolean;
  body: Statement[];
  otherwise: Statement[];
}

export interface IfNode {
  kind: 'if';
  test: Expression;
  body: Statement[];
  elifs: IfNode[];
  otherwise: Statement[];
}

export interface MacroNode extends Signature {
  kind: 'macro';
  name: string;
  body: Statement[];
}

export interface CallBlockNode extends Signature {
  kind: 'callBlock';
  /** Undefined: `generation`, which prints its body. */
  call: CallNode | undefined;
  body: Statement[];
}

export interface SetBlockNode {
  kind: 'setBlock';
  target: Target;
  filter: FilterNode | undefined;
  body: Statement[];
}

export interface FilterBlockNode {
  kind: 'filterBlock';
  filter: FilterNode;
  body: Statement[];
}

export interface WithNode {
  kind: 'with';
  targets: Target[];
  values: Expression[];
  body: Statement[];
}

export type Statement =
  | { kind: 'output'; nodes: (Expression | { kind: 'data'; text: string })[] }
  | ForNode
  | IfNode
  | MacroNode
  | CallBlockNode
  | SetBlockNode
  | FilterBlockNode
  | WithNode
  | { kind: 'set'; target: Target; value: Expression }
  | { kind: 'block'; name: string; isScoped: boolean; body: Statement[] }
  | { kind: 'break' | 'continue' }
  | { kind: 'elsewhere'; tag: string };

export type Node = Expression | Statement | { kind: 'data'; text: string };

/** The nodes directly inside a node, in the order in which they stand in it. */
export function childrenOf(node: Node): Node[] {
  return Object.entries(node).flatMap(([field, value]) =>
    field === 'value' && node.kind === 'const' ? [] : nodesIn(value),
  );
}

function nodesIn(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== 'object' || value === null) return [];
  return 'kind' in value ? [value as Node] : Object.values(value).flatMap(nodesIn);
}

/** A node and all nodes inside. */
export function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* walk(child);
}

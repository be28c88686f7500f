/**
 * Which name means which variable: decided before anything runs, as Jinja2 does.
 *
 * Every loop, macro, `with` and capturing block has variables of its own. A name that is stored
 * there is a variable there; it begins as a copy of an outer one of that name, if there is one. A
 * name that is only read is an outer variable, or one of the template's own. Whatever is stored
 * anywhere in a scope is a variable of it from its beginning, also before the line that stores it.
 *
 * Source: Jinja2 3.1's behavior (what its compiler does with names).
 */
import { childrenOf, type Node } from './nodes.ts';

/** What a variable is when its scope begins. */
export type Load = 'parameter' | 'resolve' | 'alias' | 'undefined';

export class Symbols {
  readonly parent: Symbols | undefined;
  readonly #loads: Map<string, Load>;
  readonly #stores: Set<string>;

  constructor(
    parent?: Symbols,
    loads: Map<string, Load> = new Map(),
    stores: Set<string> = new Set(),
  ) {
    this.parent = parent;
    this.#loads = loads;
    this.#stores = stores;
  }

  get loads(): ReadonlyMap<string, Load> {
    return this.#loads;
  }

  /** How many scopes further out a variable is; undefined where there is none. */
  depthOf(name: string): number | undefined {
    if (this.#loads.has(name)) return 0;
    const depth = this.parent?.depthOf(name);
    return depth === undefined ? undefined : depth + 1;
  }

  declare(name: string): void {
    this.#stores.add(name);
    this.#loads.set(name, 'parameter');
  }

  /** Takes in what nodes do to names. `isTarget`: names that are stored are parameters. */
  visit(node: Node, isTarget = false): void {
    switch (node.kind) {
      case 'name':
        if (isTarget || node.use === 'param') this.declare(node.name);
        else if (node.use === 'store') this.#store(node.name);
        else this.#load(node.name);
        return;
      case 'namespace':
        return this.#load(node.name);
      case 'if':
        this.visit(node.test);
        return this.#branches([node.body, node.elifs, node.otherwise]);
      case 'macro':
        return this.#store(node.name);
      case 'set':
        this.visit(node.value);
        return this.visit(node.target);
      case 'for':
        return this.visit(node.items);
      case 'callBlock':
        return node.call === undefined ? undefined : this.visit(node.call);
      case 'filterBlock':
        return this.visit(node.filter);
      case 'with':
        return this.#all(node.values);
      case 'setBlock':
        return this.visit(node.target);
      case 'block':
        return;
      default:
        for (const child of childrenOf(node)) this.visit(child, isTarget);
    }
  }

  #all(nodes: readonly Node[]): void {
    for (const node of nodes) this.visit(node);
  }

  #store(name: string): void {
    this.#stores.add(name);
    if (this.#loads.has(name)) return;
    const isOuter = this.parent?.depthOf(name) !== undefined;
    this.#loads.set(name, isOuter ? 'alias' : 'undefined');
  }

  #load(name: string): void {
    if (this.depthOf(name) === undefined) this.#loads.set(name, 'resolve');
  }

  /** What only some branches store begins as what it would be without them. */
  #branches(branches: readonly (readonly Node[])[]): void {
    const known = new Set(this.#stores);
    const copies = branches.map((nodes) => {
      const copy = new Symbols(this.parent, new Map(this.#loads), new Set(this.#stores));
      copy.#all(nodes);
      return copy;
    });
    for (const copy of copies) {
      for (const [name, load] of copy.#loads) this.#loads.set(name, load);
      for (const name of copy.#stores) this.#stores.add(name);
    }
    for (const name of this.#stores) {
      if (known.has(name)) continue;
      const isOuter = this.parent?.depthOf(name) !== undefined;
      this.#loads.set(name, isOuter ? 'alias' : 'resolve');
    }
  }
}

/** Which of these names the nodes read without having stored them before. */
export function undeclared(nodes: readonly Node[], names: readonly string[]): Set<string> {
  const open = new Set(names);
  const found = new Set<string>();
  const visit = (node: Node): void => {
    if (node.kind === 'block') return;
    if (node.kind === 'name' && node.use === 'load' && open.has(node.name)) found.add(node.name);
    else if (node.kind === 'name' && node.use !== 'load') open.delete(node.name);
    for (const child of childrenOf(node)) visit(child);
  };
  for (const node of nodes) visit(node);
  return found;
}

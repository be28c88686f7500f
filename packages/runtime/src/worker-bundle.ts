/**
 * Links an entry and all it imports from the workspace into one file, which a thread loads in a
 * tenth of the time that a hundred modules take.
 *
 *     import { a } from "./x.ts"           const { a } = m3();    a file runs when first asked
 *     export const b = 1;                  const b = 1; … return { b };
 *     await import("./y.ts")               await Promise.all([]).then(m4)
 *     import { join } from "node:path"     const { join } = process.getBuiltinModule("node:path");
 *
 * A name that a package's `index.ts` hands on is taken from the file that has it, so that what an
 * entry does not use stays out. That is sound because modules here have no cycle, change no binding
 * they export and do nothing but define when they are loaded; what does not look like that is
 * refused (an error), and the caller goes without a bundle.
 */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { Script } from 'node:vm';

/** What the linker asks its caller. */
export interface LinkHost {
  /** Path of the file that a specifier of the workspace names; undefined for a package of npm. */
  resolve(specifier: string, from: string): string | undefined;
  /** A file's JavaScript. */
  strip(text: string): string;
  /** What the bundle imports in place of an npm package that a file needs. */
  external(specifier: string, from: string): string;
  /** What `import.meta.url` of a file becomes. */
  urlOf(path: string): string;
}

/** A bundle, and the files it was made from. */
export interface Bundle {
  code: string;
  sources: string[];
}

const STATIC = /^import\s+([^;'"]*?)\s+from\s+'([^']+)';/gm;
const DYNAMIC = /\bimport\('([^']+)'\)/g;
const EXPORT_FROM = /^export\s+\{([^}]*)\}\s+from\s+'([^']+)';/gm;
const EXPORT_STAR = /^export\s+\*\s+from\s+'([^']+)';/gm;
const EXPORT_LIST = /^export\s+\{([^}]*)\};/gm;
const EXPORT_DECLARATION = /^export\s+((?:async\s+)?function\*?|class|const)\s+([\w$]+)/gm;

/** In the bundle: a file runs once, at the first call. */
const ONCE = 'const once = (make) => { let made; return () => (made ??= make()); };';

/** White space that Latin-1 does not have. */
const WIDE_SPACE = /[^\S\0-\xff]/;

/** A name as another file has it. */
interface Origin {
  path: string;
  name: string;
}

interface Imported {
  /** `{ a, b: c }`, or one name for all. */
  clause: string;
  specifier: string;
}

interface Module {
  path: string;
  body: string;
  imports: Imported[];
  /** Own names: exported → local. */
  own: Map<string, string>;
  /** Names of other files that it hands on. */
  handed: Map<string, Origin>;
  /** Files of which it hands on all. */
  stars: string[];
}

/** Links an entry. Throws: an error that names what cannot be linked. */
export function linkBundle(entry: string, host: LinkHost): Bundle {
  return new Linker(host).link(entry);
}

class Linker {
  readonly #host: LinkHost;
  readonly #modules = new Map<string, Module>();
  readonly #numbers = new Map<string, number>();
  readonly #emitted: string[] = [];
  /** What stands for an npm package, by its address. */
  readonly #externals = new Map<string, string>();
  /** Addresses of npm packages that a file needs, it or what it imports, before it can run. */
  readonly #needs = new Map<string, Set<string>>();

  constructor(host: LinkHost) {
    this.#host = host;
  }

  link(entry: string): Bundle {
    // At the top of the bundle, where it may wait.
    const { lines } = this.#linked(entry);
    const { own, handed, stars } = this.#moduleOf(entry);
    if (handed.size + stars.length > 0) throw new Error(`${entry} hands on names`);
    const exported = [...own].map(([name, local]) => `${local} as ${name}`);
    const names = exported.length > 0 ? [`export { ${exported.join(', ')} };`] : [];
    const early = this.#needs.get(entry)!;
    const externals = [...this.#externals].map(([address, name]) =>
      early.has(address)
        ? `import * as ${name} from '${address}';\nconst load_${name} = () => undefined;`
        : `let ${name};\nconst load_${name} = async () => {\n` +
          `${name} = await import("${address}");\n};`,
    );
    const entryCode = latin1([...lines, ...names, ''].join('\n'));
    const code = [...externals, ONCE, ...this.#emitted, entryCode].join('\n');
    return { code, sources: [...this.#modules.keys()] };
  }

  /** Number of a file's function; the file and what it needs are emitted at the first call. */
  #numberOf(path: string): number {
    const known = this.#numbers.get(path);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(path, number);
    const { module, lines } = this.#linked(path);
    const results = this.#namesOf(path).map((name) => this.#resultCode(module, name));
    const all = [...lines, `return { ${results.join(', ')} };`];
    const code = latin1(`const m${number} = once(() => {\n${all.join('\n')}\n});`);
    // Says now what would else be said by a thread. Scripts have no `import.meta`.
    new Script(code.replaceAll('import.meta', 'globalThis'), { filename: path });
    this.#emitted.push(code);
    return number;
  }

  /** What a file does, with its imports as constants. */
  #linked(path: string): { module: Module; lines: string[] } {
    const module = this.#moduleOf(path);
    this.#needs.set(path, new Set());
    const imports = module.imports.map((imported) => this.#importCode(module, imported));
    const body = module.body
      .replaceAll('import.meta.url', JSON.stringify(this.#host.urlOf(path)))
      .replace(DYNAMIC, (_, specifier: string) => this.#dynamicCode(module, specifier));
    return { module, lines: [...imports.flat(), body.trim()] };
  }

  #importCode(module: Module, { clause, specifier }: Imported): string[] {
    const path = this.#host.resolve(specifier, module.path);
    const star = /^\*\s+as\s+([\w$]+)$/.exec(clause)?.[1];
    if (path === undefined) {
      const whole = this.#externalCode(module, specifier);
      if (clause === '' || !/^[{*]/.test(clause)) throw new Error(`cannot link '${clause}'`);
      const target = star ?? `{ ${pairsOf(clause).map(destructured).join(', ')} }`;
      return [`const ${target} = ${whole};`];
    }
    if (!clause.startsWith('{') && star === undefined) throw new Error(`cannot link '${clause}'`);
    if (star !== undefined) return [`const ${star} = ${this.#callOf(path, module)};`];
    return pairsOf(clause).map(([name, local]) => {
      const origin = this.#originOf(path, name);
      const target = `{ ${destructured([origin.name, local])} }`;
      return `const ${target} = ${this.#callOf(origin.path, module)};`;
    });
  }

  /** What another file defines; it then needs what that needs. */
  #callOf(path: string, { path: from }: Module): string {
    const number = this.#numberOf(path);
    for (const address of this.#needs.get(path)!) this.#needs.get(from)!.add(address);
    return `m${number}()`;
  }

  #externalCode(module: Module, specifier: string): string {
    if (isBuiltin(specifier)) return `process.getBuiltinModule('${specifier}')`;
    const address = this.#host.external(specifier, module.path);
    const name = this.#externals.get(address) ?? `x${this.#externals.size}`;
    this.#externals.set(address, name);
    this.#needs.get(module.path)!.add(address);
    return name;
  }

  #dynamicCode(module: Module, specifier: string): string {
    const path = this.#host.resolve(specifier, module.path);
    if (path === undefined) throw new Error(`${module.path} loads ${specifier} late`);
    const number = this.#numberOf(path);
    const loads = [...this.#needs.get(path)!].map(
      (address) => `load_${this.#externals.get(address)}()`,
    );
    return `Promise.all([${loads.join(', ')}]).then(m${number})`;
  }

  /** `name` of the returned object. */
  #resultCode(module: Module, name: string): string {
    const local = module.own.get(name);
    if (local !== undefined) return local === name ? name : `${name}: ${local}`;
    const origin = this.#originOf(module.path, name);
    return `${name}: ${this.#callOf(origin.path, module)}.${origin.name}`;
  }

  /** The file that has a name itself. */
  #originOf(path: string, name: string): Origin {
    const module = this.#moduleOf(path);
    if (module.own.has(name)) return { path, name };
    const handed = module.handed.get(name);
    if (handed !== undefined) return this.#originOf(handed.path, handed.name);
    const star = module.stars.find((other) => this.#namesOf(other).includes(name));
    if (star === undefined) throw new Error(`${path} does not export ${name}`);
    return this.#originOf(star, name);
  }

  #namesOf(path: string): string[] {
    const { own, handed, stars } = this.#moduleOf(path);
    const others = stars.flatMap((star) => this.#namesOf(star));
    return [...new Set([...own.keys(), ...handed.keys(), ...others])];
  }

  #moduleOf(path: string): Module {
    let module = this.#modules.get(path);
    if (module === undefined) {
      module = this.#parse(path);
      this.#modules.set(path, module);
    }
    return module;
  }

  /** JavaScript of a source. Where types were, strippers may leave spaces as wide as they were. */
  #strip(source: string): string {
    const code = this.#host.strip(source);
    return WIDE_SPACE.test(source) ? code : code.replaceAll(new RegExp(WIDE_SPACE, 'g'), ' ');
  }

  #parse(path: string): Module {
    const own = new Map<string, string>();
    const handed = new Map<string, Origin>();
    const stars: string[] = [];
    const imports: Imported[] = [];
    const pathOf = (specifier: string): string => {
      const found = this.#host.resolve(specifier, path);
      if (found === undefined) throw new Error(`${path} hands on ${specifier}`);
      return found;
    };
    const body = this.#strip(readFileSync(path, 'utf8'))
      .replace(EXPORT_FROM, (_, list: string, specifier: string) => {
        for (const [name, as] of pairsOf(list)) handed.set(as, { path: pathOf(specifier), name });
        return '';
      })
      .replace(EXPORT_STAR, (_, specifier: string) => {
        stars.push(pathOf(specifier));
        return '';
      })
      .replace(EXPORT_LIST, (_, list: string) => {
        for (const [local, as] of pairsOf(list)) own.set(as, local);
        return '';
      })
      .replace(EXPORT_DECLARATION, (_, keyword: string, name: string) => {
        own.set(name, name);
        return `${keyword} ${name}`;
      })
      .replace(STATIC, (_, clause: string, specifier: string) => {
        imports.push({ clause, specifier });
        return '';
      });
    const rest = /^(?:import\s|import'|export\b).*/m.exec(body)?.[0];
    if (rest !== undefined) throw new Error(`${path} has '${rest}'`);
    return { path, body, imports, own, handed, stars };
  }
}

/** `{ a, b as c }` as pairs [a, a], [b, c]; empty where types alone were imported. */
function pairsOf(clause: string): [string, string][] {
  const list = clause.replace(/^\{|\}$/g, '').trim();
  if (!/^[\w$\s,]*$/.test(list)) throw new Error(`cannot link '${clause}'`);
  return list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', local = name] = part.split(/\s+as\s+/);
      return [name, local];
    });
}

/**
 * The same code in Latin-1, as far as its texts go: V8 keeps a source of other characters at twice
 * the size, in every thread.
 */
function latin1(code: string): string {
  return code.replace(/[^\0-\xff\s]/g, (unit) => {
    const digits = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${digits}`;
  });
}

function destructured([name, local]: [string, string]): string {
  return name === local ? name : `${name}: ${local}`;
}

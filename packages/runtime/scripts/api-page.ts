/**
 * `npm run api`: writes docs/api.md, the promised interface, from the sources of its types.
 *
 *     node packages/runtime/scripts/api-page.ts             writes the page
 *     node packages/runtime/scripts/api-page.ts --check     fails where the page is another one
 *
 * Each export of `@wafer/runtime` is followed to its declaration, through the indexes of packages.
 * The page shows its docstring and its signature as they stand in the source, bodies left out. What
 * stands above the first name is written by hand, and stays.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'rolldown/parseAst';

const PACKAGES = new URL('../../', import.meta.url);
const PAGE = new URL('../../../docs/api.md', import.meta.url);

/** What is used of a node of the syntax tree. */
interface Node {
  type: string;
  start: number;
  end: number;
  declaration?: Node | null;
  declarations?: Node[];
  source?: { value: string } | null;
  specifiers?: { local: { name: string }; exported: { name: string } }[];
  exported?: unknown;
  id?: { name: string; end: number; typeAnnotation?: { end: number } | null };
  key?: { type: string };
  body?: Node & { body?: Node[] };
  value?: Node | null;
}

/** One name of the interface. */
export interface ApiEntry {
  name: string;
  /** Empty where there is none. */
  doc: string;
  signature: string;
}

/** Reads the entries of an index file, by name. */
export function apiEntries(index: URL = new URL('runtime/src/index.ts', PACKAGES)): ApiEntry[] {
  const names = exportsOf(index).flatMap(({ exported }) => exported ?? []);
  return names.map((name) => entryOf(index, name)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The whole page, beginning as the present one does. */
export function apiPage(entries: readonly ApiEntry[]): string {
  const sections = entries.map(
    ({ name, doc, signature }) => `## ${name}\n\n${doc}\n\n\`\`\`ts\n${signature}\n\`\`\`\n`,
  );
  const [head] = readFileSync(PAGE, 'utf8').split(/^(?=## )/m);
  return head + sections.join('\n');
}

/** What a file hands on: names, or everything of another file. */
function exportsOf(file: URL): { exported?: string; local?: string; from: string }[] {
  return treeOf(file).nodes.flatMap((node) => {
    const from = node.source?.value;
    if (from === undefined) return [];
    if (node.type === 'ExportAllDeclaration') return [{ from }];
    if (node.type !== 'ExportNamedDeclaration') return [];
    return (node.specifiers ?? []).map(({ local, exported }) => ({
      exported: exported.name,
      local: local.name,
      from,
    }));
  });
}

/** Follows a name to where it is declared. Throws: an error where it is nowhere. */
function entryOf(file: URL, name: string): ApiEntry {
  const found = tryEntry(file, name);
  if (found === undefined) throw new Error(`${file.pathname} exports no ${name}`);
  return found;
}

function tryEntry(file: URL, name: string): ApiEntry | undefined {
  const { text, nodes } = treeOf(file);
  for (const node of nodes) {
    const { declaration } = node;
    if (!declaration) continue;
    const named = declaration.declarations?.[0] ?? declaration;
    if (named.id?.name !== name) continue;
    const doc = docBefore(text, node.start);
    return { name, doc, signature: signatureOf(text, declaration) };
  }
  for (const { exported, local, from } of exportsOf(file)) {
    const target = resolve(file, from);
    if (exported !== undefined && exported !== name) continue;
    const inner = tryEntry(target, local ?? name);
    if (inner !== undefined) return { ...inner, name };
  }
  return undefined;
}

function resolve(file: URL, specifier: string): URL {
  const owner = /^@wafer\/([a-z]+)$/.exec(specifier)?.[1];
  return owner === undefined
    ? new URL(specifier, file)
    : new URL(`${owner}/src/index.ts`, PACKAGES);
}

const trees = new Map<string, { text: string; nodes: Node[] }>();

function treeOf(file: URL): { text: string; nodes: Node[] } {
  let tree = trees.get(file.href);
  if (tree === undefined) {
    const text = readFileSync(file, 'utf8');
    tree = { text, nodes: parseAst(text, { lang: 'ts' }).body as unknown as Node[] };
    trees.set(file.href, tree);
  }
  return tree;
}

/** The text of the comment that ends right before a place; empty if there is none. */
function docBefore(text: string, start: number): string {
  const before = text.slice(0, start).trimEnd();
  if (!before.endsWith('*/')) return '';
  const lines = before.slice(before.lastIndexOf('/**') + 3, -2).split('\n');
  return lines
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join('\n')
    .trim();
}

/** The declaration without bodies, initial values and private members. */
function signatureOf(text: string, node: Node): string {
  const { start, end, body, type } = node;
  if (type === 'ClassDeclaration') return classOf(text, node);
  if (type === 'FunctionDeclaration') return `${text.slice(start, body!.start).trimEnd()};`;
  if (type !== 'VariableDeclaration') return text.slice(start, end);
  const id = node.declarations?.[0]?.id;
  return `${text.slice(start, id?.typeAnnotation?.end ?? id?.end ?? end)};`;
}

function classOf(text: string, node: Node): string {
  const members = (node.body?.body ?? [])
    .filter(({ key }) => key?.type !== 'PrivateIdentifier')
    .filter((member) => !text.slice(member.start, member.end).startsWith('private '))
    .map((member) => memberOf(text, member));
  return `${text.slice(node.start, node.body!.start)}{\n${members.join('\n')}\n}`;
}

function memberOf(text: string, { start, end, value }: Node): string {
  const cut = value?.body?.start ?? value?.start ?? end;
  const signature = text.slice(start, cut).trimEnd().replace(/\s*=$/, '').replace(/;$/, '');
  const doc = docBefore(text, start);
  const comment = doc.includes('\n')
    ? ['  /**', ...doc.split('\n').map((line) => `   * ${line}`), '   */']
    : [`  /** ${doc} */`];
  return [...(doc === '' ? [] : comment), `  ${signature};`].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = apiPage(apiEntries());
  if (!process.argv.includes('--check')) writeFileSync(PAGE, page);
  else if (readFileSync(PAGE, 'utf8') !== page)
    throw new Error('run npm run api: docs/api.md is old');
}

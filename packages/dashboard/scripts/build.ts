/**
 * Builds the page: one HTML text that holds its style and its program, and the policy that lets a
 * browser run exactly these, by their hashes.
 *
 *     node packages/dashboard/scripts/build.ts            writes src/generated/page.ts
 *     node packages/dashboard/scripts/build.ts --check    says whether that is what is there
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const ROOT = join(import.meta.dirname, '..');
export const APP: string = join(ROOT, 'app');
export const GENERATED: string = join(ROOT, 'src/generated/page.ts');
const COLUMNS = 96;

/** A hash of everything that the page is built from, but the versions of others' packages. */
export function sourceHash(): string {
  const hash = createHash('sha256');
  const files = [...readdirSync(APP).map((name) => join(APP, name)), import.meta.filename];
  for (const path of files.toSorted()) hash.update(readFileSync(path)).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** The generated module. Builds with Vite, which writes nothing. */
export async function pageModule(): Promise<string> {
  const script = await bundle();
  const style = readFileSync(join(APP, 'style.css'), 'utf8') + plotStyle();
  const policy = [
    "default-src 'none'",
    `script-src '${digest(script)}'`,
    `style-src '${digest(style)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const html = [
    '<!doctype html>',
    '<html lang="en">',
    '<head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<link rel="icon" href="data:,"><title>Wafer</title>',
    `<style>${style}</style></head>`,
    '<body><div id="app"><noscript>This page needs JavaScript.</noscript></div>',
    `<script type="module">${script}</script></body></html>`,
  ].join('\n');
  return [
    '// Built from app/ by `npm run dashboard`; not written by hand.',
    `export const SOURCE_HASH: string = ${quote(sourceHash())};`,
    `export const PAGE_POLICY: string =\n  ${quote(policy)};`,
    `export const PAGE_HTML: string =\n  ${lines(html).map(quote).join(' +\n  ')};`,
    '',
  ].join('\n');
}

async function bundle(): Promise<string> {
  // Vite builds for what this says; a test runner says that it is a test.
  process.env['NODE_ENV'] = 'production';
  const result = await build({
    configFile: false,
    root: APP,
    logLevel: 'error',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      write: false,
      target: 'es2023',
      modulePreload: false,
      lib: { entry: join(APP, 'main.tsx'), formats: ['es'], fileName: 'app' },
      minify: true,
    },
  });
  const [{ output }] = result as unknown as [{ output: { type: string; code?: string }[] }];
  const chunks = output.filter(({ type }) => type === 'chunk');
  const [{ code = '' } = {}] = chunks;
  // What ends a script must not stand in it.
  return code.replaceAll('</script', String.raw`<\/script`);
}

function plotStyle(): string {
  const path = new URL(import.meta.resolve('uplot/dist/uPlot.min.css'));
  return readFileSync(path, 'utf8');
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** A string literal with single quotes. */
function quote(text: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"');
  return `'${inner.replaceAll("'", String.raw`\'`)}'`;
}

function lines(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += COLUMNS) parts.push(text.slice(at, at + COLUMNS));
  return parts;
}

if (import.meta.main) {
  const text = await pageModule();
  mkdirSync(join(GENERATED, '..'), { recursive: true });
  if (!process.argv.includes('--check')) writeFileSync(GENERATED, text);
  else if (readFileSync(GENERATED, 'utf8') !== text) {
    console.error('the page is not built from these sources: npm run dashboard');
    process.exitCode = 1;
  }
}

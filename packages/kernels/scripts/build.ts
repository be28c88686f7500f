/**
 * Builds the kernels from AssemblyScript into `src/generated`: those of tiles, those of training.
 *
 *   node packages/kernels/scripts/build.ts           writes the files
 *   node packages/kernels/scripts/build.ts --check   rebuilds and compares; fails on a difference
 *
 * One source gives two modules that differ in the multiply-add alone: the plain build reads
 * `fma-plain.ts` in place of `fma.ts`. Register blocks are written by `attention-blocks.ts`,
 * `gemm-blocks.ts`, `int8-blocks.ts` and `train-blocks.ts`, exports of block types by
 * `block-exports.ts`. The built files are committed, so that users need no compiler.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { main as compile } from 'assemblyscript/asc';
import type { Rounding } from '@wafer/core';
import { attentionBlocksSource } from './attention-blocks.ts';
import { blockExportsSource } from './block-exports.ts';
import { gemmBlocksSource } from './gemm-blocks.ts';
import { int8BlocksSource } from './int8-blocks.ts';
import { kBlocksSource } from './k-blocks.ts';
import { trainBlocksSource } from './train-blocks.ts';

const PACKAGE = resolve(import.meta.dirname, '..');
const ASSEMBLY = join(PACKAGE, 'assembly');

/** What is built: from which file, into which, and which sources are its own. */
export const BUILDS = {
  tile: {
    entry: 'index.ts',
    target: 'kernels.wasm.ts',
    isOwn: (name: string) => !isTraining(name),
  },
  train: { entry: 'backward/index.ts', target: 'train-kernels.wasm.ts', isOwn: () => true },
} as const;

type Build = keyof typeof BUILDS;

/** Whether only training reads a source. */
function isTraining(name: string): boolean {
  return name.startsWith('backward') || name === 'generated/train-blocks.ts';
}

/** Generated sources, by file; written here, read from here. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'generated/attention-blocks.ts': attentionBlocksSource,
  'generated/block-exports.ts': blockExportsSource,
  'generated/gemm-blocks.ts': gemmBlocksSource,
  'generated/int8-blocks.ts': int8BlocksSource,
  'generated/k-blocks.ts': kBlocksSource,
  'generated/train-blocks.ts': trainBlocksSource,
};

const LINE = 96; // columns of base64 per line

const FLAGS = [
  '--runtime stub -O3 --noAssert --importMemory --sharedMemory',
  '--initialMemory 1 --maximumMemory 65536',
  '--enable simd --enable relaxed-simd --enable threads',
].flatMap((line) => line.split(' '));

/** One build of the kernels. */
export async function buildKernels(rounding: Rounding, build: Build = 'tile'): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await compile(
    [BUILDS[build].entry, '--baseDir', ASSEMBLY, '--outFile', 'kernels.wasm', ...FLAGS],
    {
      readFile: (name, baseDir) => readSource(resolve(baseDir, name), rounding),
      writeFile: (_name, contents) => {
        if (typeof contents !== 'string') binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || !binary) throw new Error(`kernels do not compile: ${stderr.toString()}`);
  const dataSegments = 11;
  if (sectionIds(binary).includes(dataSegments)) {
    throw new Error('kernels hold static data, which would lie in the memory of a tile');
  }
  return binary;
}

/** The whole generated file. */
export async function generate(build: Build): Promise<string> {
  const fused = await buildKernels('fused', build);
  const plain = await buildKernels('plain', build);
  return [
    '/** Built by scripts/build.ts from assembly/; do not edit. */',
    '',
    '/** SHA-256 of the sources. */',
    `export const SOURCE_HASH: string =\n  '${sourceHash(build)}';`,
    '',
    '/** Multiply-add rounds once. */',
    `export const FUSED: string = \`\n${base64Lines(fused)}\n\`;`,
    '',
    '/** Multiply-add rounds twice. */',
    `export const PLAIN: string = \`\n${base64Lines(plain)}\n\`;`,
    '',
  ].join('\n');
}

function readSource(path: string, rounding: Rounding): string | null {
  const isSwapped = rounding === 'plain' && path === join(ASSEMBLY, 'fma.ts');
  const generated = GENERATED[relative(ASSEMBLY, path)];
  if (generated) return generated();
  const file = isSwapped ? join(ASSEMBLY, 'fma-plain.ts') : path;
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** Identifies the sources: what `SOURCE_HASH` of the built file must be. */
export function sourceHash(build: Build = 'tile'): string {
  const { isOwn } = BUILDS[build];
  const hash = createHash('sha256');
  for (const name of readdirSync(ASSEMBLY, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!name.endsWith('.ts') || name.startsWith('generated') || !isOwn(name)) continue;
    hash.update(`${name}\n${readFileSync(join(ASSEMBLY, name), 'utf8')}\n`);
  }
  for (const [name, source] of Object.entries(GENERATED)) if (isOwn(name)) hash.update(source());
  return hash.digest('hex');
}

function base64Lines(binary: Uint8Array): string {
  const text = Buffer.from(binary).toString('base64');
  const lines = text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return lines.join('\n');
}

/** Ids of a module's sections, in order. */
function sectionIds(binary: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < binary.length;) {
    ids.push(binary[at++] as number);
    let size = 0;
    for (let shift = 0, byte = 128; byte & 128; shift += 7) {
      byte = binary[at++] as number;
      size |= (byte & 127) << shift;
    }
    at += size;
  }
  return ids;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const targets = Object.entries(BUILDS).map(async ([build, { target }]) => ({
    path: join(PACKAGE, 'src/generated', target),
    text: await generate(build as Build),
  }));
  if (!values.check) {
    for (const [name, source] of Object.entries(GENERATED)) {
      writeFileSync(join(ASSEMBLY, name), source());
    }
  }
  for (const { path, text } of await Promise.all(targets)) {
    if (!values.check) writeFileSync(path, text);
    else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
      process.stderr.write('the built kernels differ from their source; run `npm run kernels`\n');
      process.exitCode = 1;
    }
  }
}

/**
 * `npm run mutate`: puts one-line defects in, one after the other, and prints what no test sees.
 *
 *   copy of the tree ─▶ baseline: all tests pass ─▶ per defect: put in, run its tests, take out
 *
 *   npm run mutate                      all of the list (scripts/mutations)
 *   npm run mutate -- --only scheduler  those whose file or claim contains a word
 *   npm run mutate -- --list            what there is, without running anything
 *
 * Works in a temporary copy, never in the tree itself; third-party packages are those of the tree.
 * A defect that makes its tests hang counts as seen. Ends with 1 if one survives unargued.
 */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { MUTATIONS } from './mutations/index.ts';
import { listTree, locate, ROOT } from './mutations/mutation.ts';
import type { MutatedFile, Mutation } from './mutations/mutation.ts';

const TEST_MS_MAX = 240_000;

/** A file with a defect in it. Throws: where the line does not stand there just once. */
export function mutate(text: string, [claim, search, replacement]: Mutation): string {
  const parts = text.split(search);
  const count = parts.length - 1;
  if (count !== 1) throw new Error(`"${claim}" is found ${count} times, not once`);
  return parts.join(replacement);
}

/** A copy of the tree, with its third-party packages. */
function copyTree(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-mutate-'));
  for (const path of listTree()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path), { verbatimSymlinks: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const path of packageFolders()) {
    const own = join(ROOT, path, 'node_modules');
    // Links of a workspace are relative, so that they lead to the copy.
    cpSync(own, join(folder, path, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !source.endsWith('.cache'),
    });
  }
  return folder;
}

/** Folders with packages of their own in `node_modules`. */
function packageFolders(): string[] {
  const packages = readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}`);
  return [...packages, 'test', 'examples'].filter((path) =>
    existsSync(join(ROOT, path, 'node_modules')),
  );
}

type Outcome = 'passed' | 'failed' | 'hung';

/** Runs tests in the copy, until the first that fails. */
async function runTests(folder: string, tests: readonly string[]): Promise<Outcome> {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--bail', '1', ...tests], {
    cwd: folder,
    stdio: 'ignore',
    detached: true, // a group, so that what hangs can be ended with all it started
  });
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  child.once('exit', (code) => resolve(code === 0 ? 'passed' : 'failed'));
  const timer = setTimeout(() => {
    resolve('hung');
    process.kill(-child.pid!, 'SIGKILL');
  }, TEST_MS_MAX);
  const outcome = await promise;
  clearTimeout(timer);
  return outcome;
}

/** Puts one defect in and says whether its tests see it. */
async function tryMutation(
  folder: string,
  { file, tests }: MutatedFile,
  mutation: Mutation,
): Promise<Outcome> {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, mutate(text, mutation));
  try {
    return await runTests(folder, tests);
  } finally {
    writeFileSync(path, text);
  }
}

/** Tests must pass without a defect, or their failure says nothing. */
async function checkBaseline(folder: string, files: readonly MutatedFile[]): Promise<void> {
  const tests = [...new Set(files.flatMap((file) => file.tests))];
  console.log(`${tests.length} test files without a defect …`);
  const outcome = await runTests(folder, tests);
  if (outcome !== 'passed') throw new Error(`the tests do not pass as they are: ${outcome}`);
}

/** Those of the list whose file or claim contains the word. */
function choose(only: string): MutatedFile[] {
  const tree = listTree();
  return MUTATIONS.map((entry) => {
    const file = locate(tree, entry.file);
    const tests = entry.tests.map((end) => locate(tree, end));
    const isWhole = file.includes(only);
    const mutations = entry.mutations.filter(([claim]) => isWhole || claim.includes(only));
    return { file, tests, mutations };
  }).filter(({ mutations }) => mutations.length > 0);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string', default: '' }, list: { type: 'boolean', default: false } },
  });
  const chosen = choose(values.only);
  if (values.list) {
    for (const { file, mutations } of chosen) {
      for (const [claim] of mutations) console.log(`${file}: ${claim}`);
    }
    return;
  }
  const folder = copyTree();
  const survivors: string[] = [];
  let count = 0;
  try {
    await checkBaseline(folder, chosen);
    for (const entry of chosen) {
      for (const mutation of entry.mutations) {
        const [claim, , , argued] = mutation;
        const startMs = performance.now();
        const outcome = await tryMutation(folder, entry, mutation);
        const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
        const survived = argued === undefined ? 'SURVIVED' : 'argued';
        const word = outcome === 'passed' ? survived : outcome === 'hung' ? 'hung' : 'seen';
        console.log(`${word.padEnd(8)} ${seconds.padStart(6)} s  ${entry.file}: ${claim}`);
        count++;
        if (word === 'SURVIVED') survivors.push(`${entry.file}: ${claim}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${count} defects, ${survivors.length} that no test sees and nobody argued`);
  for (const survivor of survivors) console.log(`  ${survivor}`);
  if (survivors.length > 0) process.exitCode = 1;
}

if (import.meta.main) await main();

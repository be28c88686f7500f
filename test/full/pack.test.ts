import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUNDLERS } from './bundle-programs.ts';
import {
  PACKAGES,
  ROOT,
  build,
  fetchNode,
  install,
  listFiles,
  mustRun,
  pack,
  readSnippet,
  run,
} from './packed.ts';

/** Writes down, as the program ends, which native modules its process has loaded. */
const WATCH = `
  import { writeFileSync } from 'node:fs';
  import { isMainThread } from 'node:worker_threads';
  if (isMainThread) process.on('exit', () => {
    const loaded = process.report.getReport().sharedObjects;
    writeFileSync('native.json', JSON.stringify(loaded.filter((path) => path.endsWith('.node'))));
  });
`;

const EXAMPLES = readdirSync(`${ROOT}examples`).filter((name) => name.endsWith('.ts'));

const folder = mkdtempSync(join(tmpdir(), 'wafer-pack-'));
const project = join(folder, 'stranger');
const nodes: Record<string, string> = {};
const texts = new Set<string>();
let tarballs: Record<string, string> = {};

beforeAll(() => {
  build();
  tarballs = pack(folder);
  install(project, folder);
  for (const major of ['24', '26']) nodes[major] = fetchNode(major);
  writeFileSync(join(project, 'main.mjs'), readSnippet());
  writeFileSync(join(project, 'main.ts'), readSnippet());
  writeFileSync(join(project, 'watch.mjs'), WATCH);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(PACKAGES)('the package of %s holds what its manifest promises', async (name) => {
  const bytes = readFileSync(tarballs[name] ?? '');
  const tarball = new Uint8Array(bytes).buffer;
  const { messages } = await publint({ pack: { tarball }, strict: true });
  expect(messages.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual([]);

  const manifest = readFileSync(join(project, `node_modules/@wafer/${name}/package.json`), 'utf8');
  expect(manifest).not.toMatch(/workspace:|catalog:|\/src\//);
  const installed = join(project, `node_modules/@wafer/${name}`);
  const sources = listFiles(installed, '.ts').filter((path) => !path.endsWith('.d.ts'));
  expect([...sources, ...listFiles(installed, '.test.js')]).toEqual([]);
});

test('threads of a packed wafer start from bundles', () => {
  const installed = join(project, 'node_modules/@wafer/runtime/dist/bundle');
  const entries = [
    'tile/worker',
    'engine/worker',
    'chat/worker',
    'chat/encode-worker',
    'chat/grammar-worker',
    'chip/process',
  ];
  const files = listFiles(installed, '.mjs').join(' ');
  for (const entry of entries) expect(files).toContain(`${entry}.mjs`);
});

test('our packages hold no native code', () => {
  expect(listFiles(join(project, 'node_modules', '@wafer'), '.node')).toEqual([]);
});

test('maps of sources hold them, as the sources themselves are not packed', () => {
  const installed = join(project, 'node_modules/@wafer');
  const maps = listFiles(installed, '.map').filter((path) => !path.includes('node_modules'));
  expect(maps.length).toBeGreaterThan(100);
  const bad = maps.filter((path) => {
    const map = JSON.parse(readFileSync(join(installed, path), 'utf8')) as Record<string, unknown>;
    const [sources, contents] = [map['sources'], map['sourcesContent']] as (string[] | undefined)[];
    return contents?.length !== sources?.length;
  });
  expect(bad).toEqual([]);
});

test('a program in TypeScript sees the types, of our packages all, and needs no browser', () => {
  const options = {
    compilerOptions: {
      target: 'esnext',
      lib: ['esnext'],
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [`${ROOT}node_modules/@types`],
    },
    files: ['main.ts'],
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(options));
  const { status, stdout } = run(`${ROOT}node_modules/.bin/tsc`, ['-p', '.'], project);
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

describe.each(['24', '26'])('on Node.js %s', (major) => {
  const node = (...args: string[]) => run(nodes[major] ?? '', args, project);

  test('the program is the one that was asked for', () => {
    expect(node('--version').stdout).toMatch(new RegExp(`^v${major}\\.`));
  });

  test('the installed command writes a model, the snippet of README.md runs it and ends', () => {
    rmSync(join(project, 'model'), { recursive: true, force: true });
    const wafer = 'node_modules/.bin/wafer';
    mustRun(nodes[major] ?? '', [wafer, 'init', './model', '--shape', 'tiny'], project);

    const { status, stdout, stderr } = node('--import', './watch.mjs', 'main.mjs');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trim()).not.toBe('');
    expect(JSON.parse(readFileSync(join(project, 'native.json'), 'utf8'))).toEqual([]);
    texts.add(stdout);
  });

  test.each(EXAMPLES)('the example %s runs in the project and does what it says', (name) => {
    copyFileSync(`${ROOT}examples/${name}`, join(project, name));
    const { status, stderr } = node(name);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe.each(Object.entries(BUNDLERS))('a program bundled with %s', (_, bundle) => {
  const model = (): string => join(project, 'node_modules/@wafer/stories/model.gguf');
  let program = '';

  test('runs where it was made, whatever joins its chips', async () => {
    const made = await bundle(project);
    expect(made.warnings).toEqual([]);
    ({ program } = made);
    for (const link of ['port', 'unix']) {
      const { status, stdout, stderr } = run(process.execPath, [program, 'stories', link], project);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual({ text: expect.stringMatching(/\w/), length: 16_001 });
    }
  });

  test('says elsewhere what to copy, and runs with it', () => {
    const away = mkdtempSync(join(tmpdir(), 'wafer-away-'));
    try {
      cpSync(dirname(program), away, { recursive: true });
      const moved = join(away, basename(program));
      const start = () => run(process.execPath, [moved, model()], away);
      // A program that webpack made keeps the path of what it was made from.
      if (!program.includes('webpack')) {
        const { status, stderr } = start();
        expect({ status, stderr }).toEqual({
          status: 1,
          stderr: expect.stringMatching(/^HOST_REFUSED.* copy .*bundle beside it as wafer-threads/),
        });
      }
      const bundleFolder = join(project, 'node_modules/@wafer/runtime/dist/bundle');
      cpSync(bundleFolder, join(away, 'wafer-threads'), { recursive: true });
      expect(start()).toMatchObject({ status: 0, stderr: '' });
    } finally {
      rmSync(away, { recursive: true });
    }
  });
});

test('threads of another release are refused by a bundled program', async () => {
  const { program } = await BUNDLERS['esbuild, ESM']!(project);
  const away = mkdtempSync(join(tmpdir(), 'wafer-away-'));
  copyFileSync(program, join(away, 'a.mjs'));
  const threads = join(away, 'wafer-threads');
  cpSync(join(project, 'node_modules/@wafer/runtime/dist/bundle'), threads, { recursive: true });
  writeFileSync(join(threads, 'version.json'), '{"version":"0.0.9"}');
  const model = join(project, 'node_modules/@wafer/stories/model.gguf');
  const { status, stderr } = run(process.execPath, [join(away, 'a.mjs'), model], away);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^HOST_REFUSED.*of release 0\.1\.0, its threads of 0\.0\.9/);
  rmSync(away, { recursive: true });
});

test('both versions of Node.js give the same text', () => {
  expect(texts.size).toBe(1);
});

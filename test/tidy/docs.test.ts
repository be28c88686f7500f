import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { listPaths, readText } from './files.ts';
import { anchorsOf, fencesOf, linksOf } from './markdown.ts';

/** Where command lines stand that a reader is told to type. */
const PAGES = ['README.md', 'docs/commands.md', 'docs/models.md'];
/** Pages whose commands one test takes from there and runs, each, and the test. */
const RUN_WHOLE: Readonly<Record<string, string>> = {
  'docs/performance.md': 'test/full/performance.test.ts',
  'docs/api.md': 'test/full/packed.ts',
  'docs/server.md': 'test/full/readme.test.ts',
  'docs/training.md': 'test/e2e/cli-readme.slow.test.ts',
};

/**
 * Each command line of these pages, and the file that executes it. `npm test` is run by the script
 * that runs this test; `.ci/run` runs it as README writes it.
 */
const COMMANDS: Readonly<Record<string, string>> = {
  'npm test': '.ci/run',
  'npm run -s wafer -- run "Once upon a time"': 'test/full/readme.test.ts',
  'npm run bench': 'test/full/readme.test.ts',
  'npm run -s wafer -- serve': 'test/full/readme.test.ts',
  'npm run families': 'test/full/families.test.ts',
  'wafer init ./tiny': 'test/e2e/cli-readme.slow.test.ts',
  'wafer run ./tiny "Once upon a time" --max-tokens 16': 'test/e2e/cli-readme.slow.test.ts',
  'wafer inspect ./tiny': 'test/e2e/cli-readme.slow.test.ts',
  'wafer plan ./tiny --grid 2x2 --dice 2x1': 'test/e2e/cli-readme.slow.test.ts',
  'wafer quantize ./tiny ./tiny-q8.gguf --type q8_0': 'test/e2e/cli-readme.slow.test.ts',
  'wafer perplexity stories "Once upon a time, there was a girl."':
    'test/e2e/cli-readme.slow.test.ts',
  'wafer logits ./tiny --tokens 256,79,110 --top 3 --greedy 4': 'test/e2e/cli-readme.slow.test.ts',
  'wafer bench --quick': 'test/e2e/cli-readme.slow.test.ts',
  'wafer bench speculation --quick': 'test/e2e/cli-readme.slow.test.ts',
  'wafer bench grammar --quick': 'test/e2e/cli-readme.slow.test.ts',
  'wafer bench serve --quick': 'test/e2e/cli-readme.slow.test.ts',
  'wafer stress links --quick': 'test/e2e/cli-readme.slow.test.ts',
  'wafer chat ./tiny': 'test/e2e/cli-readme.slow.test.ts',
};

const documents = listPaths().filter((path) => path.endsWith('.md'));

/** Links of a page that lead to no file, folder or heading of the repository. */
function brokenLinks(path: string, text: string, paths: readonly string[]): string[] {
  const isFolder = (target: string): boolean => paths.some((file) => file.startsWith(`${target}/`));
  return linksOf(text)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file = '', anchor] = target.split('#');
      const resolved = file === '' ? path : posix.join(posix.dirname(path), file);
      if (!paths.includes(resolved)) return !isFolder(posix.normalize(`${resolved}/.`));
      return anchor !== undefined && !anchorsOf(readText(resolved)).includes(anchor);
    });
}

test.each(documents)('every link of %s leads to a file and a heading that exist', (path) => {
  expect(brokenLinks(path, readText(path), listPaths())).toEqual([]);
});

test('a link to no file, and one to no heading, are found', () => {
  const text = '[a](text.md) [b](none.md) [c](../README.md#nowhere) [d](../packages) [e](https:x)';
  expect(brokenLinks('docs/page.md', text, listPaths())).toEqual([
    'none.md',
    '../README.md#nowhere',
  ]);
});

/** What a reader has or makes, and none of the repository: files of a user by their names. */
const OF_USERS = ['story.ts', 'wafer.config.ts'];
/** Pages that tell what was. */
const HISTORY = ['CHANGELOG.md', 'docs/lab-log.md'];

/**
 * Source files that a page names and that are not there. A name is the end of a path, `PACKAGE/…`
 * stands for `packages/PACKAGE/src/…` or the package's folder, `X` and `NAME` for any name.
 */
function missingFiles(text: string, paths: readonly string[]): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '');
  const names = [...prose.matchAll(/`([\w.*/-]+\.(?:ts|mjs))`/g)].map(([, name = '']) => name);
  return names.filter((name) => {
    if (name.includes('generated/')) return false; // not among the paths
    const [first = '', ...rest] = name.split('/');
    const whole = `packages/${first}/src/${rest.join('/')}`;
    const patterns = [name, whole].map(
      (end) =>
        new RegExp(
          `(?:^|/)${end.replaceAll('.', '\\.').replaceAll(/\*|\bX\b|\bNAME\b/g, '[^/]*')}$`,
        ),
    );
    return !paths.some((path) => patterns.some((pattern) => pattern.test(path)));
  });
}

test.each(documents.filter((path) => !HISTORY.includes(path)))(
  'every source file that %s names is there',
  (path) => {
    const missing = missingFiles(readText(path), listPaths());
    expect(missing.filter((name) => !OF_USERS.includes(name))).toEqual([]);
  },
);

test('a file that is not where a page says is found', () => {
  const paths = ['packages/runtime/src/fleet/fleet.ts', 'packages/core/src/ops/add.ts'];
  const text = '`fleet.ts` `fleet/fleet.ts` `runtime/fleet.ts` `core/ops/X.ts` `ad*.ts` `none.ts`';
  expect(missingFiles(text, paths)).toEqual(['runtime/fleet.ts', 'none.ts']);
});

test('every command of these pages is executed by a test, as it stands there', () => {
  const lines = PAGES.flatMap((page) => fencesOf(readText(page)))
    .filter(({ language }) => ['sh', 'bash', 'shell', 'console'].includes(language))
    .flatMap(({ text }) => text.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines).not.toEqual([]);
  expect([...new Set(lines)].toSorted()).toEqual(Object.keys(COMMANDS).toSorted());
});

test.each(Object.entries(RUN_WHOLE))('all commands of %s are taken from it by %s', (page, file) => {
  expect(fencesOf(readText(page)).some(({ language }) => language === 'sh')).toBe(true);
  expect(readText(file)).toContain(page);
});

test('the first screen is for a stranger: README.md has at most 74 lines', () => {
  expect(readText('README.md').split('\n').length).toBeLessThanOrEqual(74);
});

test.each(Object.entries(COMMANDS))('`%s` is executed by %s', (command, file) => {
  expect(readText(file)).toContain(command);
});

test('every package, and every folder of the root, is in the tree of README.md', () => {
  const tree = fencesOf(readText('README.md')).find(({ text }) => text.includes('packages/core'));
  const folders = new Set(
    listPaths()
      .filter((path) => path.includes('/') && !path.startsWith('.'))
      .map((path) =>
        path
          .split('/')
          .slice(0, path.startsWith('packages/') ? 2 : 1)
          .join('/'),
      ),
  );
  expect([...folders].filter((folder) => !tree?.text.includes(folder))).toEqual([]);
});

/** Folders of a package's sources that its README does not name. */
function unnamedFolders(paths: readonly string[], owner: string, readme: string): string[] {
  const source = `packages/${owner}/src/`;
  const folders = paths
    .filter((path) => path.startsWith(source) && path.slice(source.length).includes('/'))
    .map((path) => path.slice(source.length).split('/', 1)[0]!);
  return [...new Set(folders)].filter((folder) => !readme.includes(`${folder}/`));
}

test('the README of every package names the folders of its sources', () => {
  const paths = listPaths();
  const owners = new Set(paths.flatMap((path) => /^packages\/([^/]+)\//.exec(path)?.[1] ?? []));
  const found = [...owners].flatMap((owner) => {
    const readme = `packages/${owner}/README.md`;
    if (!paths.includes(readme)) return [`${readme} is missing`];
    return unnamedFolders(paths, owner, readText(readme)).map((folder) => `${readme}: ${folder}/`);
  });
  expect(found).toEqual([]);
});

test('a folder that is not named is found', () => {
  const paths = ['packages/p/src/a/x.ts', 'packages/p/src/b/y.ts', 'packages/p/src/z.ts'];
  expect(unnamedFolders(paths, 'p', '| `a/` | what |')).toEqual(['b']);
});

test('links, anchors and fences are found', () => {
  const markdown = '# One `two`: three\n[a](b.md#c "t") `[x](y)`\n```sh\n[d](e)\n```\n';
  expect(linksOf(markdown)).toEqual(['b.md#c']);
  expect(anchorsOf(markdown)).toEqual(['one-two-three']);
  expect(fencesOf(markdown)).toEqual([{ language: 'sh', text: '[d](e)\n' }]);
});

/**
 * A program that embeds a wafer, bundled as its users would do it, packages and all.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { build } from 'vite';
import { webpack, type Configuration } from 'webpack';

/** Tells an answer, and how many ids a long text has: threads of all kinds but relays. */
const PROGRAM = `
  import { Wafer } from '@wafer/runtime';
  async function main() {
    const [, , model = 'stories', link = 'port'] = process.argv;
    const wafer = await Wafer.start({ model, grid: '2x1', dice: '2x1', link });
    let text = '';
    for await (const piece of wafer.generate('Once upon a time', { maxTokens: 8, seed: 1 })) {
      text += piece.text;
    }
    const { length } = await wafer.encodeAside('the cat '.repeat(8000));
    await wafer.close();
    console.log(JSON.stringify({ text, length }));
  }
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
`;

export const PROGRAM_FILE = 'embedded.mjs';

/** Bundles the program in a project; returns the path of what to start, and all warnings. */
export type Bundle = (project: string) => Promise<{ program: string; warnings: string[] }>;

function writeProgram(project: string): string {
  const path = join(project, PROGRAM_FILE);
  writeFileSync(path, PROGRAM);
  return path;
}

const withEsbuild =
  (format: 'esm' | 'cjs'): Bundle =>
  async (project) => {
    const program = join(project, `out-esbuild-${format}`, format === 'esm' ? 'a.mjs' : 'a.cjs');
    const entryPoints = [writeProgram(project)];
    const shape = { bundle: true, platform: 'node', format, outfile: program } as const;
    const { warnings } = await esbuild.build({ ...shape, entryPoints, logLevel: 'silent' });
    return { program, warnings: warnings.map(({ text }) => text) };
  };

const withWebpack =
  (isModule: boolean): Bundle =>
  async (project) => {
    const folder = join(project, `out-webpack-${isModule ? 'esm' : 'cjs'}`);
    const filename = isModule ? 'a.mjs' : 'a.cjs';
    const configuration: Configuration = {
      mode: 'production',
      // Names are of no use here, and shortening them takes most of the time.
      optimization: { minimize: false },
      target: 'node',
      context: project,
      entry: writeProgram(project),
      experiments: { outputModule: isModule },
      output: { path: folder, filename, module: isModule },
    };
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    webpack(configuration, (error, stats) => {
      if (error) return reject(error);
      const { errors = [], warnings = [] } = stats?.toJson() ?? {};
      resolve([...errors, ...warnings].map(({ message }) => message));
    });
    return { program: join(folder, filename), warnings: await promise };
  };

const withVite: Bundle = async (project) => {
  const outDir = join(project, 'out-vite');
  await build({
    root: project,
    configFile: false,
    logLevel: 'silent',
    build: { ssr: writeProgram(project), outDir, emptyOutDir: true },
    ssr: { noExternal: true },
  });
  return { program: join(outDir, 'embedded.js'), warnings: [] };
};

export const BUNDLERS: Readonly<Record<string, Bundle>> = {
  'esbuild, ESM': withEsbuild('esm'),
  'esbuild, CommonJS': withEsbuild('cjs'),
  'webpack, ESM': withWebpack(true),
  'webpack, CommonJS': withWebpack(false),
  'Vite SSR': withVite,
};

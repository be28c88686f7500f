/**
 * The model that is there without fetching one: small in what it knows, real in how it came about.
 *
 * Llama architecture, 8 layers of width 128, 1,976,448 weights in Q8_0, 4,096 tokens, context 256,
 * trained by Wafer; see docs/model-card.md.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The name that a model is opened by where no file is meant. */
export const STORIES_NAME = 'stories';

/**
 * Path of the model's GGUF file: beside this package's program; of a program that was bundled, in
 * the installed package. Where there is none, the path that it should have.
 */
export function storiesPath(): string {
  // A bundler that makes CommonJS leaves nothing of it.
  const here: string | undefined = import.meta.url;
  const [, started = '.'] = process.argv;
  const bases = [here ?? '', pathToFileURL(started).href].filter((url) => url.startsWith('file:'));
  const own = fileURLToPath(new URL('../model.gguf', bases[0]));
  if (existsSync(own)) return own;
  // Imported, bundlers would follow what it resolves, and take the model for a program.
  const nodeModule = process.getBuiltinModule('node:module');
  for (const base of bases) {
    try {
      return nodeModule.createRequire(base).resolve('@wafer/stories/model.gguf');
    } catch {
      continue;
    }
  }
  return own;
}

/**
 * A very small trained model of someone else's, with outside figures: as GGUF in f16 it is here; in
 * other forms it lies beside the repository, if it does.
 *
 * Tests that need those skip when they are absent and say so; synthetic models cover the same code.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../shared/models/stories260K/', import.meta.url));

/** The file that is always there. */
export const STORIES_260K: string = fileURLToPath(
  new URL('../models/stories260k/model.gguf', import.meta.url),
);

/** The same weights in three forms. */
export const STORIES = {
  folder: `${FOLDER}hf`,
  f32: `${FOLDER}stories260K-f32.gguf`,
  f16: STORIES_260K,
} as const;

/** Whether the model is there; says what is not tested if it is not. */
export function hasStories(what: string): boolean {
  const isThere = Object.values(STORIES).every((path) => existsSync(path));
  if (!isThere)
    process.stderr.write(`SKIPPED, as ../shared/models/stories260K is absent: ${what}\n`);
  return isThere;
}

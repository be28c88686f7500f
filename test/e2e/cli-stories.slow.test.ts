import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { STORIES_260K } from '../golden/stories.ts';
import { runCliJson } from './cli-process.ts';

/** More forms of the model of `test/models`, beside the repository. */
const MODELS = fileURLToPath(new URL('../../../shared/models/stories260K', import.meta.url));
const isThere = existsSync(MODELS);
if (!isThere)
  process.stderr.write(
    `skipped, of a trained model: folder and f32, absent at ../shared/models/stories260K\n`,
  );

/** Greedy continuation by an outside implementation, f32. */
const REFERENCE =
  ', there was a little girl named Lily. She loved to play outside in the park. One day, she saw' +
  ' a big, red ball. She wanted to play with it, but it was too high.\nLily\'s mom said, "Lily,' +
  ' let\'s go to the park." Lily was sad and didn\'t know what to do. She said, "I want to play' +
  " with your ball, but I can't";

test('the model that comes along writes a text without being named', async () => {
  const words = ['run', 'Once upon a time', '--max-tokens', '40', '--json'];
  const { text, model } = await runCliJson(words);
  expect(text).toMatch(/^, .*\b(was|lived|saw)\b/s);
  expect(model).toBe('stories');
  await expect(runCliJson(['run', 'stories', '--json'])).rejects.toThrow(/the prompt is missing/);
});

// In f16, weights differ by up to one part in 2,048; here no likeliest token changes for it.
const FILES = [STORIES_260K, ...(isThere ? ['hf', 'stories260K-f32.gguf'] : [])];
test.each(FILES.map((file) => resolve(MODELS, file)))(
  'greedy text of the trained model in %s is that of the reference',
  async (file) => {
    const words = ['run', file, 'Once upon a time', '--max-tokens', '140'];
    const { text } = await runCliJson([...words, '--grid', '2x1', '--json']);
    expect(text).toMatch(new RegExp(`^${RegExp.escape(REFERENCE)}`));
  },
);

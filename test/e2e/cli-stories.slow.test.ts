import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCliJson } from './cli-process.ts';

/** A small trained model beside the repository; `cli-run.test.ts` covers the same code without. */
const MODELS = fileURLToPath(new URL('../../../shared/models/stories260K', import.meta.url));
const isThere = existsSync(MODELS);
if (!isThere) process.stderr.write(`skipped: no trained model at ../shared/models/stories260K\n`);

/** Greedy continuation by an outside implementation, f32. */
const REFERENCE =
  ', there was a little girl named Lily. She loved to play outside in the park. One day, she saw' +
  ' a big, red ball. She wanted to play with it, but it was too high.\nLily\'s mom said, "Lily,' +
  ' let\'s go to the park." Lily was sad and didn\'t know what to do. She said, "I want to play' +
  " with your ball, but I can't";

test('the model that comes along writes that text without being named', async () => {
  const { text, model } = await runCliJson([
    'run',
    'Once upon a time',
    '--max-tokens',
    '140',
    '--json',
  ]);
  expect(text).toMatch(new RegExp(`^${RegExp.escape(REFERENCE)}`));
  expect(model).toBe('stories');
  await expect(runCliJson(['run', 'stories', '--json'])).rejects.toThrow(/the prompt is missing/);
});

// In f16, weights differ by up to one part in 2,048; here no likeliest token changes for it.
test.skipIf(!isThere).each(['hf', 'stories260K-f32.gguf', 'stories260K-f16.gguf'])(
  'greedy text of the trained model in %s is that of the reference',
  async (file) => {
    const words = ['run', `${MODELS}/${file}`, 'Once upon a time', '--max-tokens', '140'];
    const { text } = await runCliJson([...words, '--grid', '2x1', '--json']);
    expect(text).toMatch(new RegExp(`^${RegExp.escape(REFERENCE)}`));
  },
);

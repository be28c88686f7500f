/**
 * 4. Many at once: requests share the steps of the engine, and each answer is what it is alone.
 *
 *     node examples/04-batch.ts
 */
import { Wafer } from '@wafer/runtime';

await using wafer = await Wafer.start({ model: 'stories' });

async function answer(prompt: string): Promise<string> {
  let text = '';
  const options = { maxTokens: 40, temperature: 0.8, seed: 7 };
  for await (const piece of wafer.generate(prompt, options)) text += piece.text;
  return text;
}

const prompts = ['Once upon a time', 'The cat', 'Tom had a ball', 'It was a sunny day', 'Mom said'];
const together = await Promise.all(prompts.map(answer));
for (const [i, prompt] of prompts.entries()) {
  if ((await answer(prompt)) !== together[i]) throw new Error(`"${prompt}" depends on the others`);
  console.log(`${prompt}${together[i]!.replaceAll('\n', ' ')}`);
}

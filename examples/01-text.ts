/**
 * 1. Text, streamed, from the small model that comes along.
 *
 *     node examples/01-text.ts
 */
import { Wafer } from '@wafer/runtime';

await using wafer = await Wafer.start({ model: 'stories' });
let story = 'Once upon a time';
process.stdout.write(story);
for await (const piece of wafer.generate(story, { maxTokens: 80, temperature: 0 })) {
  process.stdout.write(piece.text);
  story += piece.text;
}
process.stdout.write('\n');
if (!story.includes('a little girl named Lily')) throw new Error('this is another story');

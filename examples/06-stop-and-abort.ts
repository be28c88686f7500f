/**
 * 6. Endings: a stop string, a limit of tokens, and a caller who has heard enough.
 *
 *     node examples/06-stop-and-abort.ts
 */
import { Wafer } from '@wafer/runtime';
import type { RequestOptions } from '@wafer/runtime';

await using wafer = await Wafer.start({ model: 'stories' });

async function finishOf(options: RequestOptions): Promise<string | undefined> {
  let finish: string | undefined;
  for await (const piece of wafer.generate('Once', { temperature: 0, ...options })) {
    finish = piece.finish;
  }
  return finish;
}

console.log('stop string:', await finishOf({ maxTokens: 200, stop: ['Lily'] }));
console.log('limit:', await finishOf({ maxTokens: 3 }));
const controller = new AbortController();
const reason = new Error('enough');
setTimeout(() => controller.abort(reason), 20);
const caught = await finishOf({ maxTokens: 400, signal: controller.signal }).catch(
  (e: unknown) => e,
);
console.log('abort:', caught === reason ? reason.message : caught);
const { scheduler } = await wafer.metrics();
if (scheduler.runningCount !== 0) throw new Error('a request is still running');

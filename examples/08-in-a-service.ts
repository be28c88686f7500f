/**
 * 8. In a service of your own: one wafer, started with it, answers all of its requests. A client
 * that leaves ends its answer; what a caller did wrong is a coded error, and the service goes on.
 *
 *     node examples/08-in-a-service.ts
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Wafer, WaferError } from '@wafer/runtime';

await using wafer = await Wafer.start({ model: 'stories' });

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const leaving = new AbortController();
  response.once('close', () => leaving.abort());
  try {
    const options = { maxTokens: 40, temperature: 0, signal: leaving.signal };
    for await (const piece of wafer.generate(await text(request), options)) {
      response.write(piece.text);
    }
  } catch (error) {
    // Requests are checked before their first piece: what comes later is no fault of the caller.
    if (response.headersSent || leaving.signal.aborted) return void response.destroy();
    response.statusCode = error instanceof WaferError ? 400 : 500;
    response.write(error instanceof WaferError ? error.code : 'failed');
  }
  response.end();
}

const service = createServer((request, response) => void answer(request, response));
service.listen(0, '127.0.0.1');
await new Promise((resolve) => service.once('listening', resolve));
const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;

const ask = (body: string): Promise<Response> => fetch(url, { method: 'POST', body });
const answers = await Promise.all(
  ['Once upon a time', 'One day'].map(async (prompt) => (await ask(prompt)).text()),
);
console.log(answers.join('\n'));
const refused = await ask('a word '.repeat(1000));
console.log(`too long: ${refused.status}, ${await refused.text()}`);
service.close();
if (!answers[0]!.includes('a little girl named Lily')) throw new Error('this is another story');
if (refused.status !== 400) throw new Error('a prompt that is too long is the fault of its caller');

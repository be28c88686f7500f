/**
 * 7. A server: the model behind OpenAI's interface, asked as its clients ask.
 *
 *     node examples/07-serve.ts
 */
import { openModel, Wafer } from '@wafer/runtime';
import { IDLE_MS_DEFAULT, RESTARTS_DEFAULT, startServer, withPlainTemplate } from '@wafer/server';
import { pino } from 'pino';

await using server = await startServer({
  models: [
    {
      id: 'stories',
      start: async () => Wafer.start({ model: withPlainTemplate(await openModel('stories')) }),
      isPinned: true,
      idleMs: IDLE_MS_DEFAULT,
      restarts: RESTARTS_DEFAULT,
    },
  ],
  port: 0,
  version: '0.1.0',
  logger: pino({ level: 'silent' }),
});

const request = {
  model: 'stories',
  messages: [{ role: 'user', content: 'Once upon a time' }],
  temperature: 0,
  max_tokens: 12,
};

async function ask(body: object): Promise<string> {
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.text();
}

interface Whole {
  choices: { message: { content: string } }[];
}

interface Chunk {
  choices: { delta: { content?: string } }[];
}

const whole = JSON.parse(await ask(request)) as Whole;
const streamed = (await ask({ ...request, stream: true }))
  .split('\n')
  .filter((line) => line.startsWith('data: {'))
  .map((line) => JSON.parse(line.slice('data: '.length)) as Chunk)
  .map(({ choices }) => choices[0]?.delta.content ?? '')
  .join('');
const content = whole.choices[0]?.message.content;
console.log('whole:', content);
if (streamed !== content) throw new Error(`a stream differs from the whole: ${streamed}`);

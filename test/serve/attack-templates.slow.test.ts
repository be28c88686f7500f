/**
 * Attack class A4: chat templates that never end, grow without bounds or walk to what is outside
 * end with a code, while others are served; and no request brings a template of its own.
 */
import { openModel, Wafer } from '@wafer/runtime';
import type { RunningServer } from '@wafer/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, storiesServer, storiesSpec } from './stories-server.ts';

/** Templates by the message that has them filled in, and what must become of them. */
const HOSTILE: Readonly<Record<string, [string, RegExp]>> = {
  loops: [
    '{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}' +
      '{% set x = a %}{% endfor %}{% endfor %}{% endfor %}',
    /template_/,
  ],
  growth: ["{{ ('x' * 100000000) * 1000 }}", /template_/],
  doubling: [
    '{% set ns = namespace(t="xxxxxxxxxxxxxxxx") %}{% for i in range(99) %}' +
      '{% set ns.t = ns.t + ns.t %}{% endfor %}{{ ns.t }}',
    /template_/,
  ],
  recursion: ['{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}', /template_/],
  sorting: ["{{ range(90000) | map('string') | sort | join | length * 0 }}", /^$|template_/],
  prototype: ["{{ ''.constructor.constructor('return process')().exit(1) }}", /template_/],
  mro: ["{{ ''.__class__.__mro__[1].__subclasses__() }}", /template_/],
  globals: ['{{ messages.__proto__.polluted }}{{ range.__globals__ }}.', /^$|template_/],
  raising: ["{{ raise_exception('no') }}", /template_/],
};

/** One template that is each of them, by what the message says. */
const TEMPLATE = Object.entries(HOSTILE)
  .map(([name, [text]]) => `{% if messages[0].content == '${name}' %}${text}{% endif %}`)
  .join('');

let server: RunningServer;
beforeAll(async () => {
  const spec = storiesSpec(
    {},
    {
      start: async () => {
        const model = await openModel('stories');
        const { tokenizer } = model;
        const config = { ...(tokenizer!.tokenizerConfig as object), chat_template: `${TEMPLATE}.` };
        const hostile = { ...model, tokenizer: { ...tokenizer!, tokenizerConfig: config } };
        return Wafer.start({ model: hostile });
      },
    },
  );
  server = await storiesServer({ models: [spec] });
});
afterAll(() => server.close());

const chat = (content: string): object => ({
  ...{ model: 'stories', max_tokens: 1 },
  messages: [{ role: 'user', content }],
});

test.each(Object.entries(HOSTILE))('the template %s ends with a code', async (name, [, code]) => {
  const asked = ask(server, '/v1/chat/completions', chat(name));
  expect((await fetch(`${server.url}/live`)).status).toBe(200);
  const plain = { model: 'stories', prompt: 'Once', max_tokens: 1 };
  expect((await ask(server, '/v1/completions', plain)).status).toBe(200);
  const response = await asked;
  const body = (await response.json()) as { error?: { code: string } };
  expect(body.error?.code ?? '').toMatch(code);
  // A template that cannot be filled in is the model's fault, not the caller's.
  expect([200, 400, 500]).toContain(response.status);
  if (response.status === 500) expect(body.error?.code).toBe('template_invalid');
  expect((await ask(server, '/v1/chat/completions', chat('none of them'))).status).toBe(200);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test.each([
  { chat_template: '{{ 1 }}' },
  { chat_template_kwargs: { chat_template: '{{ 1 }}' } },
  { template: '{{ 1 }}' },
  { extra_body: { chat_template: '{{ 1 }}' } },
])('a request brings no template: %j', async (more) => {
  const response = await ask(server, '/v1/chat/completions', { ...chat('x'), ...more });
  expect(response.status).toBe(400);
});

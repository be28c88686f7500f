import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { TemplateThread } from './template-thread.ts';

const entry = new URL('./worker.ts', import.meta.url);
const thread = new TemplateThread('model', entry, { timeMaxMs: 2000 });
afterAll(() => thread.close());

const nowMs = new Date(2026, 0, 5, 9, 7).getTime();
const chat = { messages: [{ role: 'user', content: ' hi ' }], own: {}, special: new Map() };

async function render(template: string, given: Record<string, unknown> = {}): Promise<string> {
  return (await thread.render({ ...chat, template, given, nowMs })).output;
}

test('a template is filled in with what transformers gives it', async () => {
  expect(
    await render('{% for m in messages %}{{ m.role }}:{{ m.content | trim }};{% endfor %}'),
  ).toBe('user:hi;');
  expect(await render("{{ strftime_now('%d %b %Y %H:%M') }}")).toBe('05 Jan 2026 09:07');
  expect(await render('{{ tools | tojson }}', { tools: [{ a: 'é<' }] })).toBe('[{"a": "é<"}]');
  expect(
    await render('{{ range(3) | length }}{% if tools is none %}none{% endif %}', { tools: null }),
  ).toBe('3none');
});

test.each([
  ['steps', '{% for a in range(2000) %}{% for b in range(2000) %}{{ b }}{% endfor %}{% endfor %}'],
  ['a huge range', '{{ range(1000000000) }}'],
  [
    'time',
    "{% set x = namespace(t='aaaaaaaaaaaaaaaa') %}{% for i in range(14) %}" +
      '{% set x.t = x.t ~ x.t %}{% endfor %}' +
      "{% for i in range(100000) %}{{ x.t | replace('a', 'b') | length }}{% endfor %}",
  ],
  [
    'text or memory',
    "{% set x = namespace(t='aaaaaaaaaaaaaaaa') %}{% for i in range(22) %}" +
      '{% set x.t = x.t ~ x.t %}{% endfor %}{{ x.t }}',
  ],
])('a template that takes too much of %s is ended, and the next one runs', async (_, template) => {
  await expect(render(template)).rejects.toMatchObject({ code: 'TEMPLATE_LIMIT' });
  expect(await render('{{ 1 + 1 }}')).toBe('2');
});

test('between two chats nothing is left: no listener, no timer, no hold', async () => {
  const TIME_MS_MAX = 600_013;
  const own = new TemplateThread('model', entry, { timeMaxMs: TIME_MS_MAX });
  onTestFinished(() => own.close());
  const started = once(process, 'worker') as Promise<[Worker]>;
  const renderOne = async (template: string): Promise<unknown> =>
    own.render({ ...chat, template, given: {}, nowMs }).catch(() => undefined);
  await renderOne('{{ 1 }}');
  const [worker] = await started;
  const set = vi.spyOn(globalThis, 'setTimeout');
  const cleared = vi.spyOn(globalThis, 'clearTimeout');
  const held = vi.spyOn(worker, 'ref');
  const released = vi.spyOn(worker, 'unref');
  onTestFinished(() => void vi.restoreAllMocks());
  for (const template of ['{{ 2 }}', '{% if %}', '{{ 3 }}']) await renderOne(template);
  const listeners = ['message', 'error', 'exit'].map((name) => worker.listenerCount(name));
  expect(listeners).toEqual([0, 0, 0]);
  const timers = set.mock.results.flatMap(({ value }, i) =>
    set.mock.calls[i]![1] === TIME_MS_MAX ? [value as unknown] : [],
  );
  expect(timers).toHaveLength(3);
  expect(cleared.mock.calls.map(([timer]) => timer)).toEqual(expect.arrayContaining(timers));
  expect(released.mock.invocationCallOrder.at(-1)).toBeGreaterThan(
    held.mock.invocationCallOrder.at(-1)!,
  );
});

test('what a template raises, and what is no template, have codes of their own', async () => {
  await expect(render("{{ raise_exception('turns, please') }}")).rejects.toMatchObject({
    code: 'TEMPLATE_REFUSED',
    details: { path: 'model', reason: 'turns, please' },
  });
  await expect(render('{% if %}')).rejects.toMatchObject({ code: 'TEMPLATE_INVALID' });
  await expect(render(`${'('.repeat(1e5)}`.replace(/^/, '{{ '))).rejects.toMatchObject({
    code: 'TEMPLATE_INVALID',
  });
});

test('a thread that is closed while it works says so, and blames no template', async () => {
  const closing = new TemplateThread('model', entry);
  const template = '{% for i in range(100000) %}{% for j in range(100) %}{% endfor %}{% endfor %}';
  const work = closing.render({ ...chat, template, given: {}, nowMs: 0 });
  const refused = expect(work).rejects.toMatchObject({ code: 'WAFER_CLOSED' });
  await closing.close();
  await refused;
});

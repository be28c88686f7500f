import type { LiveSnapshot } from '@wafer/dashboard';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, keyOf, startTestServer } from '../../scripts/test-server.ts';
import { AnswerLog } from '../answer-log.ts';
import type { RunningServer } from '../server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test('the page is there without a key, under a policy that lets nothing else run', async () => {
  const response = await fetch(`${server.url}/`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; script-src 'sha256-/,
  );
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await response.text()).toMatch(/^<!doctype html>/);
});

test('what is live is for administrators, and counts tokens by tenant, tile and link', async () => {
  const refused = await asker(server, 'first').ask('GET', '/v1/admin/live');
  expect(refused.status).toBe(403);
  const body = { model: 'stories', prompt: 'Once upon a time', max_tokens: 5, temperature: 0 };
  await asker(server, 'first').ask('POST', '/v1/completions', body);
  const end = new AbortController();
  const response = await fetch(`${server.url}/v1/admin/live`, {
    headers: { authorization: `Bearer ${keyOf('ops')}` },
    signal: end.signal,
  });
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  end.abort();
  const [, text = ''] = /^data: (.*)\n\n$/s.exec(new TextDecoder().decode(value)) ?? [];
  const { models, tenants, answers } = JSON.parse(text) as LiveSnapshot;
  const wafer = models[0]!.wafer!;
  expect(wafer.tiles.length).toBe(server.services.models.find('stories').wafer!.plan.tiles.length);
  expect(wafer.tiles.every(({ computeNs, chip }) => computeNs > 0 && chip === 0)).toBe(true);
  expect(wafer.links.every(({ bytes }) => bytes > 0)).toBe(true);
  const { tokenizer } = server.services.models.find('stories').wafer!;
  const promptTokens = tokenizer.encode(body.prompt).length;
  const counts = { promptTokens, cachedTokens: 0, generatedTokens: 5 };
  expect(tenants).toEqual([{ tenant: 'first', answerCount: 1, ...counts }]);
  expect(answers).toHaveLength(1);
  expect(answers[0]).toMatchObject({ number: 1, model: 'stories', finish: 'length', ...counts });
  expect(text).not.toContain('Once');
});

test('the log of answers is bounded, whoever asks how often', () => {
  const log = new AnswerLog();
  const usage = { promptTokens: 1, cachedTokens: 0, generatedTokens: 1 };
  const times = { draftedTokens: 0, acceptedTokens: 0, queueMs: 0, prefillMs: 0, decodeMs: 0 };
  for (let i = 0; i < 1000; i++) {
    const end = { model: 'm', tenant: `t${i}`, finish: 'stop', usage: { ...usage, ...times } };
    log.add(end);
  }
  expect(log.answers.map(({ number }) => number)).toEqual(
    Array.from({ length: 50 }, (_, i) => 951 + i),
  );
  expect(log.tenants).toHaveLength(201);
  expect(log.tenants.at(-1)).toMatchObject({ tenant: 'others', answerCount: 800 });
});

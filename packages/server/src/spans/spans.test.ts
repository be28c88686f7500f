import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, keyOf, startTestServer } from '../../scripts/test-server.ts';
import type { RunningServer } from '../server.ts';
import { beginRequestSpan, spanOf } from './request-span.ts';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const CHAT = { model: 'stories', messages: [{ role: 'user', content: 'Once upon a time' }] };
const PATH = '/v1/chat/completions';

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  trace.disable();
  propagation.disable();
  await server.close();
});

/** Spans that have ended, once there are so many. */
async function ended(count: number): Promise<readonly ReadableSpan[]> {
  for (let i = 0; i < 500 && exporter.getFinishedSpans().length < count; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const spans = exporter.getFinishedSpans();
  expect(spans.map(({ name }) => name)).toHaveLength(count);
  exporter.reset();
  return spans;
}

test('without an SDK nothing is recorded, and nothing kept', () => {
  const { signal } = new AbortController();
  const request = { id: 'a', method: 'POST', route: PATH, headers: {} };
  expect(beginRequestSpan(request, signal)).toBeUndefined();
  expect(spanOf(signal)).toBeUndefined();
  expect(context.active()).toBeDefined();
});

test('a request, its answers and their phases are spans of the caller’s trace', async () => {
  trace.setGlobalTracerProvider(provider);
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const [traceId, parentId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
  const headers = {
    ...{ authorization: `Bearer ${keyOf('first')}`, 'content-type': 'application/json' },
    ...{ traceparent: `00-${traceId}-${parentId}-01`, 'x-request-id': 'req-1' },
  };
  const body = JSON.stringify({ ...CHAT, max_tokens: 5, n: 2, temperature: 0.5, seed: 3 });
  const response = await fetch(server.url + PATH, { method: 'POST', headers, body });
  const { usage } = (await response.json()) as { usage: Record<string, number> };
  const spans = await ended(8);
  expect(spans.every((span) => span.spanContext().traceId === traceId)).toBe(true);
  const byName = (name: string): ReadableSpan[] => spans.filter((span) => span.name === name);
  const [request, chat] = [byName(`POST ${PATH}`)[0]!, byName('chat stories')[0]!];
  expect(request.parentSpanContext?.spanId).toBe(parentId);
  expect(request.attributes).toEqual({
    ...{ 'http.request.method': 'POST', 'http.route': PATH, 'wafer.request.id': 'req-1' },
    'http.response.status_code': 200,
  });
  expect(chat.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
  expect(chat.attributes).toEqual({
    ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'wafer' },
    ...{ 'gen_ai.request.model': 'stories', 'gen_ai.response.model': 'stories' },
    ...{ 'gen_ai.request.max_tokens': 5, 'gen_ai.request.temperature': 0.5 },
    ...{ 'gen_ai.request.seed': 3, 'gen_ai.request.choice.count': 2 },
    'gen_ai.usage.input_tokens': usage['prompt_tokens'],
    'gen_ai.usage.output_tokens': usage['completion_tokens'],
    'gen_ai.usage.cache_read.input_tokens': expect.any(Number),
    'gen_ai.usage.reasoning.output_tokens': 0,
    'gen_ai.response.finish_reasons': ['length', 'length'],
  });
  for (const name of ['queue', 'prefill', 'decode']) {
    const phases = byName(name);
    const choices = phases.map(({ attributes }) => Number(attributes['gen_ai.choice.index']));
    expect(choices.toSorted((x, y) => x - y)).toEqual([0, 1]);
    for (const phase of phases) {
      expect(phase.parentSpanContext?.spanId).toBe(chat.spanContext().spanId);
    }
  }
  const texts = JSON.stringify(spans.map(({ attributes, name }) => ({ attributes, name })));
  expect(texts).not.toContain('Once upon');
});

test('a client that leaves ends its spans, as unfinished', async () => {
  const leaving = new AbortController();
  const headers = {
    ...{ authorization: `Bearer ${keyOf('first')}`, 'content-type': 'application/json' },
  };
  const body = JSON.stringify({ ...CHAT, max_tokens: 400, stream: true, logit_bias: { 1: -100 } });
  const { signal } = leaving;
  const response = await fetch(server.url + PATH, { method: 'POST', headers, body, signal });
  await response.body!.getReader().read();
  leaving.abort();
  const spans = await ended(2);
  const chat = spans.find(({ name }) => name === 'chat stories')!;
  expect([chat.status.code, chat.attributes['error.type']]).toEqual([
    SpanStatusCode.ERROR,
    'unfinished',
  ]);
  const request = spans.find(({ name }) => name.startsWith('POST'))!;
  expect(request.attributes['http.response.status_code']).toBe(499);
});

test('a request that is refused has a span, and no answer', async () => {
  const refused = await asker(server, 'first').ask('POST', PATH, { ...CHAT, unknown: 1 });
  expect(refused.status).toBe(400);
  const [span] = await ended(1);
  expect([span!.name, span!.attributes['http.response.status_code']]).toEqual([
    `POST ${PATH}`,
    400,
  ]);
});

/**
 * Attack class A8: bodies that are big, deep or packed are refused within the bounds, and the loop
 * that serves others never waits for them.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import type { RunningServer } from '@wafer/server';
import { pack } from 'msgpackr';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEY, storiesServer } from './stories-server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await storiesServer();
});
afterAll(() => server.close());

async function send(body: Buffer, more: Record<string, string> = {}): Promise<number> {
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...more },
    body: new Uint8Array(body),
  });
  await response.text();
  return response.status;
}

const GZIP = { 'content-encoding': 'gzip' };
const PACKED = { 'content-type': 'application/vnd.msgpack' };

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

test.each([
  ['five million brackets', Buffer.alloc(5_000_000, '['), {}, 400],
  ['a thousand objects, each in the one before', Buffer.from('{"a":'.repeat(1000)), {}, 400],
  ['a million commas', Buffer.from(`[${'1,'.repeat(1_000_000)}1]`), {}, 400],
  ['a hundred megabytes behind gzip', gzipSync(Buffer.alloc(100_000_000, 32)), GZIP, 413],
  ['what is no gzip', Buffer.from('{}'), GZIP, 400],
  ['another encoding', Buffer.from('{}'), { 'content-encoding': 'br' }, 415],
  ['deep MessagePack', pack(nested(500)), PACKED, 400],
  ['MessagePack that says it is longer', Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]), PACKED, 400],
  ['a form', Buffer.from('a=1'), { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  [
    'plain text, as a page elsewhere may send',
    Buffer.from('{}'),
    { 'content-type': 'text/plain' },
    415,
  ],
] as const)('%s is refused', async (_what, body, headers, status) => {
  expect(await send(body, headers)).toBe(status);
});

test('a body beyond the bound is refused before it is read', async () => {
  const status = await send(Buffer.alloc(20_000_000, 32)).catch(() => 413);
  expect(status).toBe(413);
});

test('the loop is held up by none of them for longer than it takes to count', async () => {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await Promise.all(
    Array.from({ length: 8 }, async (_, i) =>
      send(i % 2 === 0 ? Buffer.alloc(5_000_000, '[') : gzipSync(Buffer.alloc(30_000_000, 32)), {
        ...(i % 2 === 0 ? {} : GZIP),
      }),
    ),
  );
  delay.disable();
  const response = await fetch(`${server.url}/live`);
  expect(response.status).toBe(200);
  console.log(`event-loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms`);
});

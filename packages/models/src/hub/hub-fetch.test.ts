/** Requests to a hub: who sees its token, what is tried again, how long, and what silence is. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Hub, Passing } from './hub-fetch.ts';
import type { HubOptions } from './hub-fetch.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** The next answers; the last one stays. */
let answers: Answer[] = [];
let requests: IncomingMessage[] = [];
const answer = (request: IncomingMessage, response: ServerResponse): void => {
  requests.push(request);
  (answers.length > 1 ? answers.shift()! : answers[0]!)(response, request);
};
const [server, elsewhere] = [createServer(answer), createServer(answer)];
const urlOf = (of: Server): string => `http://127.0.0.1:${(of.address() as AddressInfo).port}`;

beforeAll(async () => {
  for (const one of [server, elsewhere]) {
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  }
});
afterAll(() => {
  for (const one of [server, elsewhere]) {
    one.closeAllConnections();
    one.close();
  }
});
beforeEach(() => {
  answers = [(response) => response.end('ok')];
  requests = [];
});

let waits: [reason: string, seconds: number][] = [];
function hub(options: Partial<HubOptions> = {}): Hub {
  waits = [];
  return new Hub({
    ...{ endpoint: urlOf(server), token: 'secret', silenceMs: 30_000, retries: 2 },
    ...{ signal: new AbortController().signal },
    onWait: (reason, seconds) => waits.push([reason, seconds]),
    ...options,
  });
}

const refuse = (status: number, headers: Record<string, string> = {}): Answer => {
  return (response) => response.writeHead(status, { 'retry-after': '0', ...headers }).end('no');
};

test('the token goes to the hub alone, and no other token to anybody', async () => {
  const { signal } = new AbortController();
  const init = { headers: { authorization: 'Bearer of the caller' } };
  for (const url of [urlOf(server), urlOf(elsewhere)]) await hub().open(url, init, signal);
  await hub({ token: undefined }).open(urlOf(server), init, signal);
  const seen = requests.map(({ headers }) => headers.authorization);
  expect(seen).toEqual(['Bearer secret', undefined, undefined]);
});

test.each([429, 408, 500, 503])(
  '%i may pass: it is tried so often, and no more',
  async (status) => {
    answers = [refuse(status), refuse(status), (response) => response.end('at last')];
    expect(await (await hub().fetch(urlOf(server))).text()).toBe('at last');
    answers = [refuse(status)];
    requests = [];
    await expect(hub().fetch(urlOf(server))).rejects.toMatchObject({ code: 'PULL_CONNECTION' });
    expect([requests.length, waits]).toEqual([3, []]);
  },
);

test.each([
  [401, 'PULL_ACCESS'],
  [403, 'PULL_ACCESS'],
  [404, 'PULL_NOT_FOUND'],
  [410, 'PULL_NOT_FOUND'],
  [418, 'PULL_ANSWER'],
])('%i does not pass: %s at once', async (status, code) => {
  answers = [refuse(status, { 'x-error-message': 'ask first' })];
  const error = hub().fetch(urlOf(server));
  await expect(error).rejects.toMatchObject({ code });
  if (code === 'PULL_ACCESS') await expect(error).rejects.toThrow('ask first');
  expect(requests).toHaveLength(1);
});

test('what brings something on is forgiven; a hub that is not there is given up', async () => {
  let count = 0;
  const attempt = async (): Promise<string> => {
    if (++count < 9) throw new Passing('cut', { waitMs: 0 });
    return 'whole';
  };
  expect(await hub().retrying(attempt, () => true)).toBe('whole');
  count = 0;
  await expect(hub().retrying(attempt)).rejects.toThrow(/PULL_CONNECTION.*cut/);
  expect(count).toBe(3);
  count = 0;
  const gone = async (): Promise<string> => {
    count++;
    throw new Passing('nobody', { waitMs: 0, isUnreachable: true });
  };
  await expect(hub({ proxy: 'http://p' }).retrying(gone)).rejects.toThrow(
    /nobody, by way of the proxy http:..p/,
  );
  expect(count).toBe(1);
  const once = hub();
  await once.fetch(urlOf(server));
  await expect(once.retrying(gone)).rejects.toThrow('PULL_CONNECTION');
  expect(count).toBe(4);
});

test('a wait that a hub asks for is told, is bounded, and ends with an interrupt', async () => {
  const stop = new AbortController();
  answers = [refuse(429, { 'retry-after': '999999999' })];
  const asked = hub({ signal: stop.signal });
  const fetched = asked.fetch(urlOf(server));
  await expect.poll(() => waits).toEqual([[expect.stringContaining('fewer requests'), 300]]);
  stop.abort(new Error('interrupted'));
  await expect(fetched).rejects.toThrow('interrupted');
  // Nor is it told as a failure of the hub, whatever was the last try.
  for (const retries of [0, 2]) {
    const late = hub({ signal: stop.signal, retries }).fetch(urlOf(server));
    await expect(late).rejects.toThrow(/^interrupted$/);
  }
  expect(requests).toHaveLength(1);
}, 5000);

test('fewer than 1,024 bytes in a span are silence, whatever came before it', async () => {
  const set = vi.spyOn(globalThis, 'setInterval');
  const cleared = vi.spyOn(globalThis, 'clearInterval');
  onTestFinished(() => void vi.restoreAllMocks());
  const drip = (bytes: number, first = 0): Answer => {
    return (response) => {
      response.write(Buffer.alloc(first));
      const timer = setInterval(() => response.write(Buffer.alloc(bytes)), 10);
      const end = setTimeout(() => response.end(), 500);
      response.once('close', () => {
        clearInterval(timer);
        clearTimeout(end);
      });
    };
  };
  for (const slow of [drip(1), drip(1, 50_000)]) {
    answers = [slow];
    const fetched = hub({ silenceMs: 100, retries: 0 }).fetch(urlOf(server));
    await expect(fetched).rejects.toThrow(/PULL_CONNECTION.*nothing came for 0.1 s/);
  }
  answers = [drip(2000)];
  // A span in which this process, client and server at once, can be held up by others.
  const steady = await hub({ silenceMs: 300, retries: 0 }).fetch(urlOf(server));
  expect((await steady.arrayBuffer()).byteLength).toBeGreaterThan(10_000);
  const watches = set.mock.results.flatMap(({ value }, i) =>
    [100, 300].includes(set.mock.calls[i]![1]!) ? [value as unknown] : [],
  );
  expect(watches).toHaveLength(3);
  expect(cleared.mock.calls.map(([timer]) => timer)).toEqual(expect.arrayContaining(watches));
});

test('an answer that does not end is refused at its bound', async () => {
  answers = [
    (response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(2 ** 20)));
      };
      response.on('drain', more);
      more();
    },
  ];
  await expect(hub().fetch(urlOf(server))).rejects.toThrow(/PULL_ANSWER.*longer than 33554432/);
  expect(requests).toHaveLength(1);
});

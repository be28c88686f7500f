import { expect, test, vi } from 'vitest';
import { Gate } from './gate.ts';
import type { Admitted, GatedEngine, GateRequest } from './gate.ts';
import type { Tier } from './tiers.ts';

const limits = { requestsMax: 10, tenantRequestsMax: 4, promptTokensMax: 1000 };
const of = (tenant: string, more: Partial<GateRequest> = {}): GateRequest => ({
  ...{ tenant, tier: 'default', promptTokens: 10, answerCount: 1 },
  ...more,
});

const engine = (slotCount: number): GatedEngine => ({ slotCount, stepTokens: 150 });

/** Its first token, and at once its end. */
function end(request: Admitted): void {
  request.begin();
  request[Symbol.dispose]();
}

function refusal(act: () => unknown): { status: number; code: string; retry: unknown } {
  try {
    act();
  } catch (error) {
    const { status, code, retryAfterSeconds: retry } = error as never;
    return { status, code, retry };
  }
  throw new Error('it was let in');
}

test('one tenant cannot fill the queue, and is told so at once', () => {
  const gate = new Gate(limits, engine(2));
  for (let i = 0; i < 4; i++) gate.admit(of('a'));
  expect(refusal(() => gate.admit(of('a')))).toMatchObject({ status: 429, retry: 1 });
  gate.admit(of('b'));
  expect(gate.requestCount).toBe(5);
});

test('flex is shed first, priority last', () => {
  const gate = new Gate(limits, engine(2));
  const room = (tier: Tier): boolean => {
    try {
      gate.admit(of('probe', { tier }))[Symbol.dispose]();
      return true;
    } catch {
      return false;
    }
  };
  const seen = Array.from({ length: 10 }, (_, i) => {
    const tiers = (['flex', 'default', 'priority'] as const).filter(room);
    gate.admit(of(`t${i}`, { tier: 'priority' }));
    return tiers.length;
  });
  expect(seen).toEqual([3, 3, 3, 3, 3, 2, 2, 2, 2, 1]);
  expect(refusal(() => gate.admit(of('x', { tier: 'priority' })))).toMatchObject({ status: 503 });
});

test('prompt tokens are bounded, but an empty queue takes any prompt', () => {
  const gate = new Gate(limits, engine(2));
  const first = gate.admit(of('a', { promptTokens: 5000 }));
  expect(refusal(() => gate.admit(of('b')))).toMatchObject({ code: 'queue_full', status: 429 });
  first[Symbol.dispose]();
  first[Symbol.dispose](); // once counts
  expect(gate.requestCount).toBe(0);
  gate.admit(of('b'));
});

test('prompt tokens are shared out by tier, and free again when their request ends', () => {
  const gate = new Gate(limits, engine(2));
  gate.admit(of('a', { promptTokens: 400 }));
  const flex = gate.admit(of('b', { tier: 'flex', promptTokens: 100 })); // half of 1000 in all
  expect(refusal(() => gate.admit(of('c', { tier: 'flex', promptTokens: 1 }))).status).toBe(429);
  gate.admit(of('c', { promptTokens: 400 })); // nine tenths
  expect(refusal(() => gate.admit(of('d', { promptTokens: 1 }))).status).toBe(429);
  gate.admit(of('d', { tier: 'priority', promptTokens: 100 }));
  flex[Symbol.dispose]();
  expect(refusal(() => gate.admit(of('e', { tier: 'priority', promptTokens: 101 })))).toBeDefined();
  gate.admit(of('e', { tier: 'priority', promptTokens: 100 }));
});

test('the wait is that of answers ahead, by what they take where all slots are full', () => {
  let nowMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const gate = new Gate(limits, engine(2));
  const took = (ms: number): void => {
    const request = gate.admit(of('a'));
    nowMs += ms;
    end(request);
  };
  took(100);
  took(200);
  const request = gate.admit(of('a', { answerCount: 3 }));
  // Two more than there are slots. Alone 150 ms, beside one other a fifth more.
  expect(gate.expectedWaitMs('default')).toBe(181);
  request[Symbol.dispose](); // none of it ran: nothing is learned
  const next = gate.admit(of('a', { answerCount: 2 }));
  next.begin();
  expect(gate.expectedWaitMs('default')).toBe(91);
  next[Symbol.dispose]();
  expect(gate.expectedWaitMs('default')).toBe(0);
  clock.mockRestore();
});

test('prompts that were not read yet are waited for, also where a slot is free', () => {
  let nowMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const gate = new Gate(limits, engine(10));
  const after = (ms: number, request: Admitted): void => {
    nowMs += ms;
    request.begin();
  };
  after(500, gate.admit(of('a', { promptTokens: 100 })));
  expect(gate.expectedWaitMs('default')).toBe(0); // a step by itself is no queue
  const queue = [200, 100, 100].map((promptTokens) => gate.admit(of('b', { promptTokens })));
  after(400, queue[0]!);
  expect(gate.expectedWaitMs('default')).toBe(400); // 200 tokens, two milliseconds each
  expect(refusal(() => gate.admit(of('c', { waitMsMax: 399 }))).code).toBe('queue_threshold');
  gate.admit(of('c', { waitMsMax: 400, promptTokens: 0 }));
  after(600, queue[1]!);
  expect(gate.expectedWaitMs('default')).toBeGreaterThan(300); // more than three each by now
  queue[2]![Symbol.dispose](); // its client left
  expect(gate.expectedWaitMs('default')).toBe(0);
  clock.mockRestore();
});

test('a tier waits for prompts of its own and those above it', () => {
  let nowMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const many = { ...limits, promptTokensMax: 1e6, waitMsMax: 60_000 };
  const gate = new Gate(many, engine(4));
  const flex = [1000, 40_000, 40_000].map((promptTokens) =>
    gate.admit(of('f', { tier: 'flex', promptTokens })),
  );
  nowMs += 1000;
  end(flex[0]!); // a millisecond each
  const waits = (): number[] =>
    (['priority', 'default', 'flex'] as const).map((tier) => gate.expectedWaitMs(tier));
  expect(waits()).toEqual([0, 0, 80_000]);
  expect(refusal(() => gate.admit(of('g', { tier: 'flex' }))).status).toBe(503);
  gate.admit(of('d', { promptTokens: 500 }));
  expect(waits()).toEqual([0, 500, 80_500]);
  clock.mockRestore();
});

test('where no slot is free a tier waits for one, and for answers that go before it', () => {
  let nowMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const gate = new Gate(limits, engine(1));
  const first = gate.admit(of('a'));
  nowMs += 1000;
  end(first);
  gate.admit(of('a')).begin();
  for (let i = 0; i < 3; i++) gate.admit(of('b', { tier: 'flex' }));
  expect(gate.expectedWaitMs('priority')).toBe(1000);
  expect(gate.expectedWaitMs('flex')).toBe(4000);
  clock.mockRestore();
});

test('who is turned away is told after how many seconds it would be its turn', () => {
  let nowMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const gate = new Gate(limits, engine(1));
  const first = gate.admit(of('a'));
  nowMs += 2600;
  end(first);
  for (let i = 0; i < 4; i++) gate.admit(of('a'));
  expect(refusal(() => gate.admit(of('a')))).toMatchObject({ status: 429, retry: 11 }); // 4 × 2.6 s
  clock.mockRestore();
});

test('what is reserved for a tenant is let in however full it is, and no more than that', () => {
  const gate = new Gate({ ...limits, reserved: new Map([['own', 2]]) }, engine(1));
  for (const tenant of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l']) {
    try {
      gate.admit(of(tenant));
    } catch {
      // full
    }
  }
  expect(refusal(() => gate.admit(of('z'))).status).toBe(503);
  const first = gate.admit(of('own'));
  gate.admit(of('own'));
  expect(refusal(() => gate.admit(of('own'))).status).toBe(503);
  first[Symbol.dispose]();
  gate.admit(of('own'));
});

test('what would wait longer than the server lets anything wait is refused', async () => {
  const gate = new Gate({ ...limits, waitMsMax: 20 }, engine(1));
  const first = gate.admit(of('a'));
  await new Promise((resolve) => setTimeout(resolve, 30));
  end(first);
  gate.admit(of('a'));
  expect(refusal(() => gate.admit(of('b')))).toMatchObject({ status: 503, code: 'queue_full' });
});

test('who would wait longer than it may is refused, and nobody else', async () => {
  const gate = new Gate(limits, engine(1));
  const first = gate.admit(of('a'));
  await new Promise((resolve) => setTimeout(resolve, 30));
  end(first);
  gate.admit(of('a', { waitMsMax: 0 }));
  expect(gate.expectedWaitMs('default')).toBeGreaterThanOrEqual(25);
  const refused = refusal(() => gate.admit(of('b', { waitMsMax: 5 })));
  expect(refused).toMatchObject({ status: 429, code: 'queue_threshold' });
  gate.admit(of('b'));
});

test('what nothing can let in is refused before its prompt is known, and nothing else is', () => {
  const gate = new Gate({ ...limits, reserved: new Map([['vip', 2]]) }, engine(2));
  const ask = (tenant: string, waitMsMax?: number) => () => gate.checkRoom({ tenant, waitMsMax });
  expect(ask('a', 50)).not.toThrow();
  for (let i = 0; i < 9; i++) gate.admit(of(`t${i}`));
  // A request of the highest tier would still be let in.
  expect(ask('a')).not.toThrow();
  gate.admit(of('b', { tier: 'priority' }));
  expect(refusal(ask('a'))).toMatchObject({ status: 503, code: 'queue_full' });
  expect(ask('vip')).not.toThrow();
  expect(gate.requestCount).toBe(10);
});

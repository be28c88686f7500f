import { expect, test } from 'vitest';
import { Greeting } from './greeting.ts';
import type { Hello, LinkRole } from './handshake.ts';

const HELLO: Hello = {
  ...{ kernelHash: 'ab'.repeat(32), rounding: 'fused', nonce: new Uint8Array(16).fill(1) },
  ...{ chip: 3, firstSequence: -5, isAuthenticated: true },
};

function greeting(role: LinkRole, change: Partial<Hello> = {}, secret = 1): Greeting {
  const hello = { ...HELLO, ...change };
  return new Greeting({ link: 'l', role, secret: new Uint8Array(32).fill(secret), hello });
}

/** Two ends that have heard each other. */
function met(change: Partial<Hello> = {}, secret = 1): [Greeting, Greeting] {
  const ends: [Greeting, Greeting] = [
    greeting('connect'),
    greeting('listen', { nonce: new Uint8Array(16).fill(2), ...change }, secret),
  ];
  ends[0].hear(ends[1].hello);
  ends[1].hear(ends[0].hello);
  return ends;
}

test('ends that know one secret learn who the other is, whichever speaks first', () => {
  const [first, second] = met({ chip: 7, firstSequence: 2 ** 31 - 1 });
  expect(first.verify(second.proof())).toMatchObject({ chip: 7, firstSequence: 2 ** 31 - 1 });
  expect(second.verify(first.proof())).toMatchObject({ chip: 3, firstSequence: -5 });
  expect(greeting('connect').verify(second.proof())).toBeUndefined();
});

test('a hello may come again, but not another one', () => {
  const [first, second] = met();
  first.hear(second.hello);
  const other = greeting('listen', { nonce: new Uint8Array(16).fill(9) }).hello;
  expect(() => first.hear(other)).toThrow(/LINK_FRAME.*another hello than before/);
  expect(() => first.hear(second.hello.subarray(1))).toThrow(/LINK_FRAME.*no hello/);
  expect(first.verify(second.proof())).toMatchObject({ chip: 3 });
});

test.each<[change: Partial<Hello>, field: string]>([
  [{ kernelHash: 'ac'.repeat(32) }, 'kernelHash'],
  [{ rounding: 'plain' }, 'rounding'],
  [{ isAuthenticated: false }, 'isAuthenticated'],
])('an end of another kind is refused by name: %o', (change, field) => {
  const [first, second] = met(change);
  expect(() => first.verify(second.proof())).toThrow(
    expect.objectContaining({ code: 'LINK_MISMATCH', details: expect.objectContaining({ field }) }),
  );
});

test('a proof of another secret, of the own role or of another length is none', () => {
  const [first, second] = met();
  const [, stranger] = met({}, 2);
  for (const proof of [stranger.proof(), first.proof(), second.proof().subarray(1)]) {
    expect(() => first.verify(proof)).toThrow('LINK_SECRET');
  }
});

test('a proof of a greeting before is none: it is of both hellos', () => {
  const [before, second] = met();
  const old = second.proof();
  expect(before.verify(old)).toBeDefined();
  const again = greeting('connect', { nonce: new Uint8Array(16).fill(7) });
  again.hear(second.hello);
  expect(() => again.verify(old)).toThrow('LINK_SECRET');
});

test('what one end sends with, the other receives with, and neither with both', () => {
  const [first, second] = met();
  const keysOf = (end: Greeting): Buffer[] => {
    const { send, receive } = end.frameKeys();
    return [send.export(), receive.export()];
  };
  const [[send, receive], others] = [keysOf(first), keysOf(second)];
  expect(others).toEqual([receive, send]);
  expect(send!.equals(receive!)).toBe(false);
});

import { createSecretKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { emptyHeader, FRAME, FrameBuffer, HEADER_BYTES, TAG_BYTES } from './frame.ts';
import type { FrameKind } from './frame.ts';
import { FrameOpener, FrameSealer } from './frame-tags.ts';
import type { TagVerdict } from './frame-tags.ts';
import { Greeting } from './greeting.ts';
import type { LinkRole } from './handshake.ts';

const KEY = createSecretKey(Buffer.alloc(16, 7));

function sealed(sealer: FrameSealer, kind: FrameKind, sequence: number): Uint8Array {
  const frame = new FrameBuffer(8);
  frame.payload(8).set([1, 2, 3, 4, 5, 6, 7, 8]);
  frame.writeHeader({ ...emptyHeader(kind), sequence, payloadBytes: 8 }, TAG_BYTES);
  sealer.seal(frame, kind);
  return frame.frame.slice();
}

function open(opener: FrameOpener, frame: Uint8Array): TagVerdict {
  const words = new DataView(frame.buffer, frame.byteOffset);
  const kind = frame[3] as FrameKind;
  const header = { ...emptyHeader(kind), sequence: words.getInt32(4, true) };
  opener.begin(header, frame.subarray(0, HEADER_BYTES));
  // In pieces, as a stream has them.
  opener.add(frame.subarray(HEADER_BYTES, HEADER_BYTES + 3));
  opener.add(frame.subarray(HEADER_BYTES + 3, -TAG_BYTES));
  return opener.finish(frame.subarray(-TAG_BYTES));
}

test('a lone frame is news once, and an older one never', () => {
  const sealer = new FrameSealer(KEY);
  const opener = new FrameOpener(KEY, () => 0);
  const frames = [0, 1, 2].map(() => sealed(sealer, FRAME.ack, sealer.nextAlone));
  expect(open(opener, frames[0]!)).toBe('new');
  expect(open(opener, frames[2]!)).toBe('new');
  for (const frame of frames) expect(open(opener, frame)).toBe('old');
});

test('a tag holds for every byte of its frame, and for one place in the sequence', () => {
  const sealer = new FrameSealer(KEY);
  let position = 0;
  const opener = new FrameOpener(KEY, () => position);
  const frames = [0, 1].map((sequence) => sealed(sealer, FRAME.data, sequence));
  expect(open(opener, frames[0]!)).toBe('new');
  for (let at = 4; at < frames[0]!.length; at++) {
    const altered = frames[0]!.slice();
    altered[at]! ^= 1;
    expect(open(opener, altered)).toBe('forged');
  }
  expect(open(opener, frames[1]!)).toBe('forged');
  position = 1;
  expect(open(opener, frames[1]!)).toBe('new');
  // The same number after 2^32 frames is another place.
  position = 2 ** 32 + 1;
  expect(open(opener, frames[1]!)).toBe('forged');
  position = -1;
  expect(open(opener, frames[1]!)).toBe('forged');
});

test('the first frame of each kind has a nonce of its own: the same bytes have other tags', () => {
  const [inSequence, alone] = [FRAME.data, FRAME.ack].map((kind) => {
    const frame = new FrameBuffer(8);
    frame.writeHeader({ ...emptyHeader(FRAME.data), payloadBytes: 8 }, TAG_BYTES);
    new FrameSealer(KEY).seal(frame, kind);
    return frame.frame.slice();
  });
  expect(alone!.subarray(0, -TAG_BYTES)).toEqual(inSequence!.subarray(0, -TAG_BYTES));
  expect(alone!.subarray(-TAG_BYTES)).not.toEqual(inSequence!.subarray(-TAG_BYTES));
});

test('each direction of each link has a key of its own, which both ends arrive at', () => {
  const endOf = (role: LinkRole, nonce: number, secret = 1): Greeting => {
    const identity = { kernelHash: '00'.repeat(32), rounding: 'fused' } as const;
    const hello = { ...identity, chip: 0, firstSequence: 0, isAuthenticated: true };
    return new Greeting({
      link: 'Wafer.Link[0-1]',
      role,
      secret: new Uint8Array(32).fill(secret),
      hello: { ...hello, nonce: new Uint8Array(16).fill(nonce) },
    });
  };
  const keysOf = (nonces: [number, number], secret?: number): string[] => {
    const [one, two] = [endOf('connect', nonces[0], secret), endOf('listen', nonces[1], secret)];
    one.hear(two.hello);
    two.hear(one.hello);
    const [mine, theirs] = [one.frameKeys(), two.frameKeys()];
    expect(mine.send.equals(theirs.receive) && mine.receive.equals(theirs.send)).toBe(true);
    return [mine.send, mine.receive].map((key) => key.export().toString('hex'));
  };
  const all = [keysOf([1, 2]), keysOf([1, 3]), keysOf([4, 2]), keysOf([1, 2], 5)].flat();
  expect(new Set(all).size).toBe(8);
});

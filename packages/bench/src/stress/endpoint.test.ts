import { expect, test } from 'vitest';
import { WaferError } from '@wafer/core';
import {
  emptyHeader,
  encodeFrame,
  everyFault,
  FRAME,
  FrameBuffer,
  LinkEndpoint,
  Random,
} from '@wafer/fabric/links';
import type { FrameKind, LinkHandlers, LinkEnd, LinkWire } from '@wafer/fabric/links';
import { VirtualLink } from './virtual-link.ts';
import type { VirtualEnd } from './virtual-link.ts';

const SPEC: LinkEnd = {
  name: 'Wafer.Link[0-1]',
  role: 'connect',
  chip: 0,
  identity: { kernelHash: 'ab'.repeat(32), rounding: 'fused' },
  secret: new Uint8Array(32).fill(1),
  nonce: new Uint8Array(16).fill(2),
};

interface End extends VirtualEnd {
  log: string[];
}

/** An end with one channel of two slots in either direction. */
function endOf(spec: Partial<LinkEnd>): End {
  const log: string[] = [];
  const channels = (sending: number): ReturnType<LinkHandlers['channels']> => ({
    sends: [{ channel: sending, bytesMax: 64, slots: 2 }],
    receives: [{ channel: 1 - sending, bytesMax: 64, slots: 2 }],
  });
  const handlers: LinkHandlers = {
    channels: () => channels(spec.role === 'listen' ? 1 : 0),
    onRoom: () => {},
    onOpen: (peer) => log.push(`open ${peer}`),
    onMessage: ({ channel, message }) => log.push(`message ${channel} ${message}`),
    onCredit: (channel) => log.push(`credit ${channel}`),
    onEnd: (error) => log.push(error?.code ?? 'closed'),
  };
  return { spec: { ...SPEC, ...spec }, handlers, log, work: () => false };
}

function joined(
  listening: Partial<LinkEnd> = {},
  connecting: Partial<LinkEnd> = {},
): { link: VirtualLink; ends: [End, End] } {
  const there = { role: 'listen', chip: 7, nonce: new Uint8Array(16).fill(3) } as const;
  const ends: [End, End] = [endOf(connecting), endOf({ ...there, ...listening })];
  return { link: new VirtualLink(ends, { seed: 1, rates: everyFault(0) }), ends };
}

function turn(link: VirtualLink, count = 10): void {
  for (let i = 0; i < count; i++) link.turn();
}

const rows = { rowCount: 1, hasIndices: false, payloadBytes: 4 };

test('two ends with one secret open, each knowing the other chip', () => {
  const { link, ends } = joined();
  turn(link);
  expect(ends.map(({ log }) => log)).toEqual([['open 7'], ['open 0']]);
});

test.each([
  ['secret', { secret: new Uint8Array(32) }, 'LINK_SECRET'],
  ['kernel hash', { identity: { ...SPEC.identity, kernelHash: 'ac'.repeat(32) } }, 'LINK_MISMATCH'],
  ['word on tags', { isAuthenticated: false }, 'LINK_MISMATCH'],
  ['rounding', { identity: { ...SPEC.identity, rounding: 'plain' } }, 'LINK_MISMATCH'],
] as const)('an end with another %s is refused', (_, listening, code) => {
  const { link, ends } = joined(listening);
  turn(link);
  expect(link.hasEnded).toBe(true);
  const codes = ends.map(({ log }) => log);
  expect(codes.flat()).toContain(code);
  expect(codes.flat().every((entry) => entry === code || entry === 'LINK_BROKEN')).toBe(true);
});

test('a proof that is sent back to its maker is refused', () => {
  const sent: Uint8Array[] = [];
  const { handlers, log } = endOf({});
  const wire = {
    write: (part: Uint8Array) => void sent.push(part),
    requestFlush: () => {},
    hasRoom: true,
  };
  const endpoint = new LinkEndpoint(SPEC, { wire, handlers, now: () => 0 });
  endpoint.start();
  // An attacker without the secret repeats what it hears, hello and proof.
  for (let i = 0; i < sent.length && i < 10; i++) endpoint.receive(sent[i]!);
  expect(log).toEqual(['LINK_SECRET']);
});

test('credits bound the messages under way, and come back by release', () => {
  const { link, ends } = joined();
  turn(link);
  const [sender, receiver] = link.endpoints;
  for (let i = 0; i < 2; i++) sender.send(0, rows, (payload) => payload.fill(i));
  expect(sender.canSend(0)).toBe(false);
  expect(() => sender.send(0, rows, () => {})).toThrow('cannot send');
  expect(() => receiver.send(1, { ...rows, payloadBytes: 65 }, () => {})).toThrow('cannot send');
  turn(link);
  expect(ends[1].log).toEqual(['open 0', 'message 0 1', 'message 0 2']);
  expect(sender.canSend(0)).toBe(false);
  receiver.release(0);
  turn(link);
  expect(sender.canSend(0)).toBe(true);
  expect(ends[0].log).toEqual(['open 7', 'credit 0']);
  receiver.release(0);
  expect(() => receiver.release(0)).toThrow('holds no message');
});

test('close lets everything arrive first, and ends both ends without an error', () => {
  const { link, ends } = joined({ firstSequence: -1 });
  turn(link);
  link.endpoints[0].send(0, rows, (payload) => payload.fill(9));
  link.endpoints[0].close();
  expect(link.endpoints[0].canSend(0)).toBe(false);
  turn(link);
  expect(ends[0].log.at(-1)).toBe('closed');
  expect(ends[1].log).toEqual(['open 0', 'message 0 1', 'closed']);
});

test('silence ends the link after three recoveries, with a code', () => {
  const { handlers, log } = endOf({});
  let nowMs = 0;
  const writes: number[] = [];
  const wire = { write: () => void writes.push(nowMs), requestFlush: () => {}, hasRoom: true };
  const tuning = { resendMs: 10 };
  const endpoint = new LinkEndpoint({ ...SPEC, tuning }, { wire, handlers, now: () => nowMs });
  endpoint.start();
  while (endpoint.state !== 'ended') {
    nowMs = endpoint.deadlineMs;
    endpoint.advance();
  }
  // Hello, three more, and the error for whoever may still listen.
  expect(writes).toEqual([0, 10, 30, 70, 150]);
  expect(log).toEqual(['LINK_BROKEN']);
  nowMs = 100_000;
  endpoint.advance();
  expect([writes.length, endpoint.deadlineMs]).toEqual([5, Infinity]);
});

test('a stranger that says a little again and again is dropped when its time is over', () => {
  const { handlers, log } = endOf({});
  let nowMs = 0;
  const wire = { write: () => {}, requestFlush: () => {}, hasRoom: true };
  const spec = { ...SPEC, tuning: { resendMs: 10 } };
  const endpoint = new LinkEndpoint(spec, { wire, handlers, now: () => nowMs });
  const bytes = Uint8Array.of(1);
  endpoint.start();
  while (endpoint.state !== 'ended') {
    expect(++nowMs).toBeLessThanOrEqual(150);
    endpoint.receive(bytes);
    if (endpoint.deadlineMs <= nowMs) endpoint.advance();
  }
  expect(log).toEqual(['LINK_BROKEN']);
});

test('a dead wire ends the link; an end that failed tells the other one why', () => {
  const first = joined();
  turn(first.link);
  first.link.endpoints[0].disconnect('the socket was closed');
  expect(first.link.endpoints[0].error?.message).toContain('the socket was closed');
  const second = joined();
  turn(second.link);
  second.link.endpoints[0].abort(new WaferError('TILE_CRASHED', {}));
  turn(second.link);
  expect(second.link.endpoints[1].error?.message).toContain('stopped with TILE_CRASHED');
});

test('without tags, frames that break the protocol end a link with a code', () => {
  const random = new Random(5);
  const codes = new Set<string>();
  for (let run = 0; run < 2000; run++) {
    const { link } = joined({ isAuthenticated: false }, { isAuthenticated: false });
    turn(link, 6);
    const endpoint = link.endpoints[1];
    for (let i = 0; i < 4 && endpoint.state === 'open'; i++) {
      const header = emptyHeader((1 + random.below(9)) as FrameKind);
      header.sequence = random.chance(0.8) ? i : random.bits();
      header.acknowledged = random.chance(0.8) ? 0 : random.bits();
      header.channel = random.below(3);
      header.message = random.chance(0.8) ? 1 + i : random.bits();
      header.hasIndices = random.chance(0.2);
      header.rowCount = random.below(40);
      const isHello = header.kind === FRAME.hello || header.kind === FRAME.proof;
      const bytes = new Uint8Array(isHello ? [32, 60, 5][random.below(3)]! : random.below(80));
      endpoint.receive(encodeFrame(header, bytes).frame);
      endpoint.flush();
    }
    if (endpoint.error !== undefined) codes.add(endpoint.error.code);
  }
  expect([...codes].toSorted()).toEqual(['LINK_BROKEN', 'LINK_FRAME', 'SEQUENCE_BROKEN']);
});

test('what is no link is refused after a few kilobytes', () => {
  const { handlers, log } = endOf({});
  const wire = { write: () => {}, requestFlush: () => {}, hasRoom: true };
  const endpoint = new LinkEndpoint(SPEC, { wire, handlers, now: () => 0 });
  const request = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(50));
  for (let i = 0; i < 4; i++) endpoint.receive(request);
  expect(log).toEqual(['LINK_FRAME']);
});

test.each([FRAME.error, FRAME.failure, FRAME.bye, FRAME.nak, FRAME.data])(
  'an open link takes no frame without a tag: kind %i changes nothing',
  (kind) => {
    const { link, ends } = joined();
    turn(link);
    const endpoint = link.endpoints[1];
    // With a tag of zeros, as one without the key might try.
    const forged = encodeFrame(emptyHeader(kind), Buffer.from('TILE_CRASHED'));
    endpoint.receive(kind === FRAME.error ? forged.frame : zeroTagged(kind));
    turn(link);
    expect(endpoint.state).toBe('open');
    expect(endpoint.stats.damages).toBe(1);
    expect(ends[1].log).toEqual(['open 0']);
  },
);

function zeroTagged(kind: FrameKind): Uint8Array {
  const frame = new FrameBuffer(4);
  frame.writeHeader({ ...emptyHeader(kind), message: 1, payloadBytes: 4 }, 16);
  frame.writeTag(new Uint8Array(16));
  return frame.frame;
}

test('row indices that are longer than their message are refused', () => {
  const crc = { isAuthenticated: false };
  const { link } = joined(crc, crc);
  turn(link);
  const header = { ...emptyHeader(FRAME.data), message: 1, hasIndices: true, rowCount: 3 };
  link.endpoints[1].receive(encodeFrame(header, new Uint8Array(8)).frame);
  expect(link.endpoints[1].error?.message).toContain('3 row indices in 8 bytes');
});

test('before a proof an end listens to nothing but the greeting', () => {
  const { handlers, log } = endOf({});
  const wire = { write: () => {}, requestFlush: () => {}, hasRoom: true };
  const spec = { ...SPEC, isAuthenticated: false };
  const endpoint = new LinkEndpoint(spec, { wire, handlers, now: () => 0 });
  endpoint.start();
  const kinds = [FRAME.bye, FRAME.ack, FRAME.nak, FRAME.credit, FRAME.data] as const;
  for (const kind of kinds) {
    const header = { ...emptyHeader(kind), acknowledged: 5, message: 1 };
    endpoint.receive(encodeFrame(header, new Uint8Array(0)).frame);
  }
  expect([endpoint.state, endpoint.error, log]).toEqual(['greeting', undefined, []]);
});

test('what the other end stopped with is told in letters alone', () => {
  const { handlers } = endOf({});
  const wire = { write: () => {}, requestFlush: () => {}, hasRoom: true };
  const endpoint = new LinkEndpoint(SPEC, { wire, handlers, now: () => 0 });
  endpoint.start();
  const said = Buffer.from('\u001b[31mLINK_SECRET\n7');
  endpoint.receive(encodeFrame(emptyHeader(FRAME.error), said).frame);
  expect(endpoint.error?.details['reason']).toBe('the other end stopped with LINK_SECRET');
});

test('payloads are counted at both ends, apart from what goes with them', () => {
  const { link } = joined();
  turn(link);
  const [sender, receiver] = link.endpoints;
  for (let i = 0; i < 2; i++) sender.send(0, rows, (payload) => payload.fill(i));
  turn(link);
  expect(sender.stats).toMatchObject({ messagesSent: 2, payloadBytesSent: 8 });
  expect(receiver.stats).toMatchObject({ messagesReceived: 2, payloadBytesReceived: 8 });
});

test('who found the window full is told once that there is room', () => {
  const tuning = { windowFrames: 1 };
  const { link, ends } = joined({ tuning }, { tuning });
  turn(link);
  const [sender] = link.endpoints;
  let told = 0;
  ends[0].handlers.onRoom = () => told++;
  sender.send(0, rows, (payload) => payload.fill(1));
  expect(sender.canSend(0)).toBe(false);
  turn(link, 5);
  expect([told, sender.canSend(0)]).toEqual([1, true]);
  turn(link, 5);
  sender.flush();
  expect(told).toBe(1);
});

/** A link that is open, and every frame that its ends wrote; those that `drops` names are lost. */
function heard(drops: (side: number, kind: number) => boolean = () => false): {
  link: VirtualLink;
  ends: [End, End];
  framesOf: (side: number, kind: FrameKind) => Uint8Array[];
} {
  const ends: [End, End] = [
    endOf({}),
    endOf({ role: 'listen', chip: 7, nonce: new Uint8Array(16).fill(3) }),
  ];
  const written: Uint8Array[][] = [[], []];
  const intercept = (lines: LinkWire[]): LinkWire[] =>
    lines.map((line, side) => ({
      hasRoom: true,
      requestFlush: () => line.requestFlush(),
      write: (frame) => {
        written[side]!.push(Uint8Array.from(frame));
        if (!drops(side, frame[3]!)) line.write(frame);
      },
    }));
  const link = new VirtualLink(ends, { seed: 1, rates: everyFault(0), intercept });
  turn(link);
  const framesOf = (side: number, kind: FrameKind): Uint8Array[] =>
    written[side]!.filter((frame) => frame[3] === kind);
  return { link, ends, framesOf };
}

test('a frame that an attacker repeats changes nothing: no nak, and no greeting', () => {
  const { link, ends, framesOf } = heard();
  const [sender, receiver] = link.endpoints;
  receiver.receive(new Uint8Array(64)); // damage, which it asks about
  turn(link);
  const [nak] = framesOf(1, FRAME.nak);
  sender.send(0, rows, (payload) => payload.fill(1));
  sender.receive(nak!); // with a frame in doubt, where it would be heeded
  expect(sender.stats).toMatchObject({ recoveries: 0, framesResent: 0, damages: 0 });
  turn(link);
  receiver.release(0);
  for (const hello of framesOf(1, FRAME.hello)) sender.receive(hello);
  sender.send(0, rows, (payload) => payload.fill(2));
  turn(link, 3);
  // Keys that began anew would seal two frames alike, and open none.
  expect([sender.stats.damages, receiver.stats.damages]).toEqual([0, 1]);
  expect(ends[1].log.slice(1)).toEqual(['message 0 1', 'message 0 2']);
});

test('goodbyes of both ends are an end, also where the last word of one is lost', () => {
  let isClosing = false;
  const { link, ends } = heard((side, kind) => isClosing && side === 0 && kind === FRAME.ack);
  isClosing = true;
  link.endpoints[0].close();
  turn(link, 4);
  expect([link.endpoints[0].state, link.endpoints[1].state]).toEqual(['ended', 'open']);
  link.endpoints[1].disconnect('the socket was closed');
  expect(ends.map(({ log }) => log.at(-1))).toEqual(['closed', 'closed']);
});

test('an end that is over writes nothing more, however late it is', () => {
  const { link, framesOf } = heard();
  const [sender] = link.endpoints;
  sender.send(0, rows, (payload) => payload.fill(1));
  sender.disconnect('the socket was closed');
  link.nowMs += 1000;
  sender.advance();
  expect(framesOf(0, FRAME.data)).toHaveLength(1);
});

test('a link that is closed before it is open ends there', () => {
  const { handlers, log } = endOf({});
  const wire = { write: () => {}, requestFlush: () => {}, hasRoom: true };
  const endpoint = new LinkEndpoint(SPEC, { wire, handlers, now: () => 0 });
  endpoint.start();
  endpoint.close();
  expect([endpoint.state, log]).toEqual(['ended', ['LINK_BROKEN']]);
  expect(endpoint.error?.message).toContain('closed before it was open');
});

test('what waits for a credit still leaves when the end that gives it says goodbye at once', () => {
  const { link, ends } = joined();
  turn(link);
  const [sender, receiver] = link.endpoints;
  for (let i = 0; i < 2; i++) sender.send(0, rows, (payload) => payload.fill(i));
  ends[0].handlers.onCredit = () => {
    if (sender.canSend(0)) sender.send(0, rows, (payload) => payload.fill(2));
  };
  turn(link);
  receiver.release(0);
  receiver.close();
  turn(link);
  expect(ends.map(({ log }) => log.at(-1))).toEqual(['closed', 'closed']);
  expect(ends[1].log).toContain('message 0 3');
});

test('a credit that nobody waits for yet goes out a moment later, by itself', () => {
  const { link, ends } = joined();
  for (const [index, end] of ends.entries()) {
    const channel = (number: number): { channel: number; bytesMax: number; slots: number } => {
      return { channel: number, bytesMax: 64, slots: 8 };
    };
    end.handlers.channels = () => ({ sends: [channel(index)], receives: [channel(1 - index)] });
  }
  turn(link);
  const [sender, receiver] = link.endpoints;
  sender.send(0, rows, (payload) => payload.fill(1));
  turn(link);
  receiver.release(0);
  turn(link);
  expect(ends[0].log).toEqual(['open 7', 'credit 0']);
});

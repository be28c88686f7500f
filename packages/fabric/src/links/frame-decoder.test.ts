import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WaferError } from '@wafer/core';
import { Random } from '../random.ts';
import { FrameDecoder } from './frame-decoder.ts';
import { emptyHeader, encodeFrame, FRAME, HEADER_BYTES } from './frame.ts';
import type { FrameHeader, FrameKind } from './frame.ts';

const BYTES_MAX = 4096;

interface Seen {
  frames: { header: FrameHeader; payload: Uint8Array }[];
  damages: number;
  decoder: FrameDecoder;
}

function watch(payloadBytesMax = BYTES_MAX): Seen {
  const frames: Seen['frames'] = [];
  const decoder = new FrameDecoder({
    name: 'Wafer.Link[0-1]',
    payloadBytesMax: () => payloadBytesMax,
    sink: {
      onFrame: (header, payload) => {
        const bytes = new Uint8Array(payload.byteLength);
        // In two reads, as indices and rows would be.
        payload.read(bytes.subarray(0, bytes.length >>> 1));
        payload.read(bytes.subarray(bytes.length >>> 1));
        frames.push({ header: { ...header }, payload: bytes });
      },
      onDamage: () => seen.damages++,
    },
  });
  const seen: Seen = { frames, damages: 0, decoder };
  return seen;
}

function headerOf(kind: FrameKind, fields: Partial<FrameHeader> = {}): FrameHeader {
  return { ...emptyHeader(kind), ...fields };
}

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const anyFrame = fc.record({
  sequence: word,
  acknowledged: word,
  channel: fc.nat(),
  message: word,
  rowCount: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  hasIndices: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 300 }),
});

/** Frames in one stream, and what should be seen of them. */
const anyStream = fc.array(anyFrame, { minLength: 1, maxLength: 8 }).map((all) => {
  const frames = all.map(({ payload, ...fields }) => ({
    header: headerOf(FRAME.data, { ...fields, payloadBytes: payload.length }),
    payload,
  }));
  const parts = frames.map(({ header, payload }) => encodeFrame(header, payload).frame);
  return { frames, parts, bytes: Buffer.concat(parts) };
});

test('frames come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(anyStream, fc.integer(), ({ frames, bytes }, seed) => {
      const random = new Random(seed);
      const seen = watch();
      for (let at = 0; at < bytes.length;) {
        const end = at + random.below(random.chance(0.5) ? 8 : 400);
        seen.decoder.push(bytes.subarray(at, end));
        at = end;
      }
      expect(seen.frames).toEqual(frames);
      expect(seen.damages).toBe(0);
    }),
    { numRuns: 150, seed: 1 },
  );
});

test('a damaged frame is reported and never delivered, and the next ones are found', () => {
  fc.assert(
    fc.property(anyStream, fc.nat(), fc.nat(), ({ frames, parts }, which, where) => {
      const index = which % parts.length;
      const damaged = Buffer.from(parts[index]!);
      damaged[where % damaged.length]! ^= 1 << (which % 8);
      const seen = watch();
      parts.forEach((part, i) => seen.decoder.push(i === index ? damaged : part));
      expect(seen.damages).toBeGreaterThan(0);
      expect(seen.frames).toEqual(frames.filter((_, i) => i !== index));
    }),
    { numRuns: 300, seed: 2 },
  );
});

test('garbage between frames costs no frame', () => {
  const frame = encodeFrame(headerOf(FRAME.data), Uint8Array.of(1, 2, 3)).frame;
  const random = new Random(3);
  const seen = watch();
  for (let i = 0; i < 200; i++) {
    // Half of the garbage looks like the start of a frame.
    const garbage = Uint8Array.from({ length: random.below(100) }, () => random.below(256));
    if (random.chance(0.5)) garbage.set(frame.subarray(0, Math.min(4, garbage.length)));
    seen.decoder.push(garbage);
    seen.decoder.push(frame);
  }
  expect(seen.frames).toHaveLength(200);
  expect(seen.decoder.lostBytes).toBeGreaterThan(5000);
});

test('hostile bytes give coded errors or nothing, and no other exception', () => {
  const random = new Random(4);
  let refused = 0;
  for (let run = 0; run < 3000; run++) {
    const seen = watch();
    const header = headerOf((1 + random.below(13)) as FrameKind, { payloadBytes: random.bits() });
    // The checks are right, the fields are not.
    const bytes = encodeFrame(header, new Uint8Array(random.below(600))).frame;
    if (random.chance(0.3)) bytes[random.below(bytes.length)] = random.below(256);
    try {
      seen.decoder.push(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(WaferError);
      expect((error as WaferError).code).toBe('LINK_FRAME');
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(500);
});

test('a sound header that announces 4 GB is refused before a byte is kept', () => {
  const frame = encodeFrame(headerOf(FRAME.data), new Uint8Array(0));
  expect(frame.byteLength).toBe(HEADER_BYTES);
  const liar = encodeFrame(headerOf(FRAME.ack), new Uint8Array(0));
  liar.writeHeader(headerOf(FRAME.data, { payloadBytes: 0xffff_fff0 }));
  expect(() => watch().decoder.push(liar.bytes)).toThrow(/LINK_FRAME.*4294967280.*4096/);
});

test('a frame of another version is refused with both versions', () => {
  const other = encodeFrame(headerOf(FRAME.hello), new Uint8Array(0)).bytes;
  // Only the CRC of the header has to be mended: kinds and versions are read after it.
  const words = new Int32Array(Uint8Array.from(other).buffer);
  words[0] = (words[0]! & ~0xff_0000) | (9 << 16);
  words[7] = crcOf(new Uint8Array(words.buffer, 0, HEADER_BYTES - 4));
  expect(() => watch().decoder.push(new Uint8Array(words.buffer))).toThrow(
    /LINK_VERSION.*version 9, speaks 2/,
  );
});

test('a large payload that comes byte by byte arrives whole', () => {
  const payload = Uint8Array.from({ length: 50_000 }, (_, i) => i % 251);
  const seen = watch(payload.length);
  const { frame } = encodeFrame(headerOf(FRAME.data), payload);
  for (let at = 0; at < frame.length; at++) seen.decoder.push(frame.subarray(at, at + 1));
  const next = Uint8Array.of(7, 8, 9);
  seen.decoder.push(encodeFrame(headerOf(FRAME.data), next).frame);
  expect(seen.frames).toHaveLength(2);
  expect(Buffer.compare(seen.frames[0]!.payload, payload)).toBe(0);
  expect(seen.frames[1]!.payload).toEqual(next);
});

test('damage is told once until a sound frame comes, and then again', () => {
  const payload = Uint8Array.of(1, 2, 3);
  const sound = encodeFrame(headerOf(FRAME.data), payload).frame;
  const damaged = Buffer.from(sound);
  damaged[HEADER_BYTES]! ^= 1;
  const seen = watch();
  for (const frame of [damaged, damaged, sound, damaged, sound]) seen.decoder.push(frame);
  expect([seen.damages, seen.frames.length]).toEqual([2, 2]);
});

/** CRC32, bit by bit: the definition. */
function crcOf(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc;
}

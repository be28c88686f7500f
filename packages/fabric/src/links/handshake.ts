/**
 * How two ends of a link agree that they belong together, before anything else is believed.
 *
 *   connect ── hello: nonce, kernels, rounding, chip ──▶ listen
 *   connect ◀─ hello ─────────────────────────────────── listen
 *   both    ── proof: HMAC-SHA256(secret, role, my hello, your hello) ──▶
 *
 * The secret never travels. Both nonces are in the proof, so an old one is worth nothing; the role
 * is, so it cannot be sent back to its maker. Proofs are compared in constant time. Ends whose
 * kernels or rounding differ would compute other bits, hence never mix.
 *
 * Both hellos and the secret also make the keys of the frames that follow, one per direction, where
 * both ends say that frames have tags (frame-tags.ts); the proofs cover that word, too.
 *
 *   hello: 16 bytes nonce · 32 bytes SHA-256 of the kernels · u32 rounding · u32 chip · u32 first
 *   sequence number · u32 whether frames have tags
 */
import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { WaferError } from '@wafer/core';

export const NONCE_BYTES = 16;
export const KERNEL_HASH_BYTES = 32;
export const HELLO_BYTES: number = NONCE_BYTES + KERNEL_HASH_BYTES + 16;

/** Bytes of a key for the frames of one direction: AES-128. */
const FRAME_KEY_BYTES = 16;

const ROUNDINGS = ['fused', 'plain'] as const;

/** What must be the same at both ends for results to be the same. */
export interface LinkIdentity {
  /** SHA-256 of the kernels, 64 hexadecimal digits. */
  kernelHash: string;
  rounding: (typeof ROUNDINGS)[number];
}

export interface Hello extends LinkIdentity {
  nonce: Uint8Array;
  chip: number;
  /** Sequence number of the first frame that has one. */
  firstSequence: number;
  /** Whether frames after the greeting carry tags. */
  isAuthenticated: boolean;
}

/** The end that opened the socket, and the one that waited for it. */
export type LinkRole = 'connect' | 'listen';

/** Packs a hello. */
export function encodeHello(hello: Hello): Uint8Array {
  const bytes = new Uint8Array(HELLO_BYTES);
  const numbers = new DataView(bytes.buffer, NONCE_BYTES + KERNEL_HASH_BYTES);
  bytes.set(hello.nonce);
  bytes.set(Buffer.from(hello.kernelHash, 'hex'), NONCE_BYTES);
  numbers.setUint32(0, ROUNDINGS.indexOf(hello.rounding), true);
  numbers.setUint32(4, hello.chip, true);
  numbers.setInt32(8, hello.firstSequence, true);
  numbers.setUint32(12, hello.isAuthenticated ? 1 : 0, true);
  return bytes;
}

/** Unpacks a hello; undefined where it is none. */
export function decodeHello(bytes: Uint8Array): Hello | undefined {
  if (bytes.length !== HELLO_BYTES) return undefined;
  const numbers = new DataView(bytes.buffer, bytes.byteOffset + NONCE_BYTES + KERNEL_HASH_BYTES);
  const rounding = ROUNDINGS[numbers.getUint32(0, true)];
  if (rounding === undefined) return undefined;
  const hash = bytes.subarray(NONCE_BYTES, NONCE_BYTES + KERNEL_HASH_BYTES);
  return {
    nonce: bytes.slice(0, NONCE_BYTES),
    kernelHash: Buffer.from(hash).toString('hex'),
    rounding,
    chip: numbers.getUint32(4, true),
    firstSequence: numbers.getInt32(8, true),
    isAuthenticated: numbers.getUint32(12, true) === 1,
  };
}

/** Proves knowledge of the secret to the other end; `role` is the prover's. */
export function proofOf(
  secret: Uint8Array,
  role: LinkRole,
  hellos: { mine: Uint8Array; theirs: Uint8Array },
): Uint8Array {
  const hmac = createHmac('sha256', secret);
  return hmac.update(`wafer ${role} `).update(hellos.mine).update(hellos.theirs).digest();
}

/** Whether two proofs are the same, in a time that does not tell where they differ. */
export function isSameProof(actual: Uint8Array, expected: Uint8Array): boolean {
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** The key of the frames that the end of this role sends. */
export function frameKey(
  secret: Uint8Array,
  sender: LinkRole,
  hellos: Record<LinkRole, Uint8Array>,
): KeyObject {
  const salt = Buffer.concat([hellos.connect, hellos.listen]);
  const key = hkdfSync('sha256', secret, salt, `wafer frames ${sender}`, FRAME_KEY_BYTES);
  return createSecretKey(Buffer.from(key));
}

/** Refuses an end that computes other bits, or frames otherwise. Throws: LINK_MISMATCH. */
export function checkIdentity(link: string, mine: Hello, theirs: Hello): void {
  for (const field of ['kernelHash', 'rounding', 'isAuthenticated'] as const) {
    if (mine[field] === theirs[field]) continue;
    const details = { link, field, actual: theirs[field], expected: mine[field] };
    throw new WaferError('LINK_MISMATCH', details);
  }
}

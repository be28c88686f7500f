/**
 * Tags that prove frames: who has not the key of a direction can neither make nor alter one.
 *
 *   key of a direction   HKDF-SHA256(secret, both hellos, who sends)
 *   tag                  AES-128-GMAC(key, nonce, header · payload), 16 bytes; nothing is encrypted
 *   nonce                u32: in sequence or alone · u64: how many of these went before
 *
 * A nonce is used once: a frame in sequence is sealed once and sent again as it is, and the hellos,
 * which hold fresh nonces of both ends, make new keys for every link. The count has 64 bits where
 * the frame's number has 32, so that an old frame is no new one after 2^32 others. Of frames that
 * stand for themselves only later ones are news. GMAC, because a tag costs about 3 µs whatever
 * the payload, less than CRC32 of 16 KiB (docs/lab-log.md).
 *
 * Source: NIST SP 800-38D (GMAC), RFC 5869 (HKDF).
 */
import { createCipheriv, timingSafeEqual } from 'node:crypto';
import type { CipherGCM, KeyObject } from 'node:crypto';
import { assert } from '@wafer/core';
import { isSequenced, TAG_BYTES } from './frame.ts';
import type { FrameBuffer, FrameHeader, FrameKind } from './frame.ts';

const CIPHER = 'aes-128-gcm';
const NONCE_BYTES = 12;
const [ALONE, IN_SEQUENCE] = [0, 1] as const;

/** The nonce of frame `index` of its kind, as it is written anew for each. */
class FrameNonce {
  readonly #words = new Uint32Array(NONCE_BYTES / 4);
  readonly bytes: Uint8Array = new Uint8Array(this.#words.buffer);

  set(kind: typeof ALONE | typeof IN_SEQUENCE, index: number): Uint8Array {
    this.#words[0] = kind;
    this.#words[1] = index; // modulo 2^32
    this.#words[2] = Math.floor(index / 2 ** 32);
    return this.bytes;
  }
}

/** Seals the frames of the direction that this end sends. */
export class FrameSealer {
  readonly #key: KeyObject;
  readonly #nonce = new FrameNonce();
  /** Frames sealed so far, by kind of nonce. */
  readonly #counts = [0, 0];

  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** What the next frame that stands for itself has as its sequence number. */
  get nextAlone(): number {
    return this.#counts[ALONE]! | 0;
  }

  /** Writes the tag of a frame that is whole otherwise. Once per frame. */
  seal(frame: FrameBuffer, kind: FrameKind): void {
    const domain = isSequenced(kind) ? IN_SEQUENCE : ALONE;
    const index = this.#counts[domain]!++;
    const cipher = createCipheriv(CIPHER, this.#key, this.#nonce.set(domain, index));
    cipher.setAAD(frame.tagged);
    cipher.final();
    frame.writeTag(cipher.getAuthTag());
  }
}

/** Made by the other end and not seen before, made by it and repeated, or not made by it. */
export type TagVerdict = 'new' | 'old' | 'forged';

/** Checks the frames of the direction that this end receives, piece by piece. */
export class FrameOpener {
  readonly #key: KeyObject;
  readonly #positionOf: (sequence: number) => number;
  readonly #nonce = new FrameNonce();
  #alone = 0;
  #index = 0;
  #isAlone = false;
  #cipher: CipherGCM | undefined;

  /** `positionOf` says how many frames in sequence went before the one of this number. */
  constructor(key: KeyObject, positionOf: (sequence: number) => number) {
    this.#key = key;
    this.#positionOf = positionOf;
  }

  /** Begins with a frame's header, checks included. */
  begin({ kind, sequence }: Readonly<FrameHeader>, headerBytes: Uint8Array): void {
    this.#isAlone = !isSequenced(kind);
    this.#index = this.#isAlone
      ? this.#alone + ((sequence - (this.#alone | 0)) | 0)
      : this.#positionOf(sequence);
    this.#cipher = undefined;
    if (this.#index < 0) return;
    const domain = this.#isAlone ? ALONE : IN_SEQUENCE;
    this.#cipher = createCipheriv(CIPHER, this.#key, this.#nonce.set(domain, this.#index));
    this.#cipher.setAAD(headerBytes);
  }

  /** Takes the next piece of the payload. */
  add(piece: Uint8Array): void {
    this.#cipher?.setAAD(piece);
  }

  /** What the frame proves to be. In sequence, an old one is the owner's to notice. */
  finish(tag: Uint8Array): TagVerdict {
    assert(tag.length === TAG_BYTES, 'a tag is whole', { bytes: tag.length });
    const cipher = this.#cipher;
    if (cipher === undefined) return 'forged';
    this.#cipher = undefined;
    cipher.final();
    if (!timingSafeEqual(cipher.getAuthTag(), tag)) return 'forged';
    if (!this.#isAlone) return 'new';
    if (this.#index < this.#alone) return 'old';
    this.#alone = this.#index + 1;
    return 'new';
  }
}

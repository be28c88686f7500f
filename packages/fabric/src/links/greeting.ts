/**
 * One end's part in the handshake: which hello it sent, which it heard, and whether it is proved.
 *
 * Everything may be lost on the way and is said again: a hello says whether the other one was
 * heard, and an end that was not heard answers with its own. Proofs answer every hello.
 */
import { WaferError } from '@wafer/core';
import type { KeyObject } from 'node:crypto';
import {
  checkIdentity,
  decodeHello,
  encodeHello,
  frameKey,
  isSameProof,
  proofOf,
} from './handshake.ts';
import type { Hello, LinkRole } from './handshake.ts';

export class Greeting {
  readonly #link: string;
  readonly #role: LinkRole;
  readonly #secret: Uint8Array;
  readonly #mine: Hello;
  readonly #myHello: Uint8Array;
  #theirHello: Uint8Array | undefined;
  #theirs: Hello | undefined;

  constructor(parts: { link: string; role: LinkRole; secret: Uint8Array; hello: Hello }) {
    this.#link = parts.link;
    this.#role = parts.role;
    this.#secret = parts.secret;
    this.#mine = parts.hello;
    this.#myHello = encodeHello(parts.hello);
  }

  get hello(): Uint8Array {
    return this.#myHello;
  }

  get hasHeard(): boolean {
    return this.#theirHello !== undefined;
  }

  /** Takes the other end's hello, for the first time or again. Throws: LINK_FRAME. */
  hear(bytes: Uint8Array): void {
    const known = this.#theirHello;
    const hello = decodeHello(bytes);
    const isKnown = known === undefined || Buffer.compare(known, bytes) === 0;
    if (hello === undefined || !isKnown) {
      const reason = hello === undefined ? 'no hello' : 'another hello than before';
      throw new WaferError('LINK_FRAME', { link: this.#link, reason });
    }
    this.#theirHello = bytes;
    this.#theirs = hello;
  }

  /** What this end sends to prove itself. Only after `hear`. */
  proof(): Uint8Array {
    const hellos = { mine: this.#myHello, theirs: this.#theirHello! };
    return proofOf(this.#secret, this.#role, hellos);
  }

  /** Keys of the frames that follow, by direction. Only after `hear`. */
  frameKeys(): { send: KeyObject; receive: KeyObject } {
    const [mine, theirs] = [this.#myHello, this.#theirHello!];
    const isConnecting = this.#role === 'connect';
    const hellos = isConnecting
      ? { connect: mine, listen: theirs }
      : { connect: theirs, listen: mine };
    const keyOf = (sender: LinkRole): KeyObject => frameKey(this.#secret, sender, hellos);
    const theirRole = isConnecting ? 'listen' : 'connect';
    return { send: keyOf(this.#role), receive: keyOf(theirRole) };
  }

  /**
   * Takes the other end's proof and returns its hello; undefined if that was not heard yet.
   * Throws: LINK_SECRET, LINK_MISMATCH.
   */
  verify(proof: Uint8Array): Hello | undefined {
    if (this.#theirHello === undefined || this.#theirs === undefined) return undefined;
    const theirRole = this.#role === 'connect' ? 'listen' : 'connect';
    const hellos = { mine: this.#theirHello, theirs: this.#myHello };
    const expected = proofOf(this.#secret, theirRole, hellos);
    if (!isSameProof(proof, expected)) {
      throw new WaferError('LINK_SECRET', { link: this.#link });
    }
    checkIdentity(this.#link, this.#mine, this.#theirs);
    return this.#theirs;
  }
}

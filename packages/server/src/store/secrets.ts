/**
 * What is made with the server's own secret: texts that clients carry for us and cannot read, as
 * compacted conversations and reasoning, and names of keys.
 *
 * Texts are sealed with the tenant's name, so that nobody can forge one or use another tenant's.
 */
import { createHmac } from 'node:crypto';
import { ApiError } from '../errors/api-error.ts';
import { keySealer } from './sealer.ts';
import type { Sealer } from './sealer.ts';

const ID_DIGITS = 16;

export class Secrets {
  readonly #key: Uint8Array;
  readonly #sealer: Sealer;

  constructor(key: Uint8Array) {
    this.#key = key;
    this.#sealer = keySealer(key);
  }

  /** The same name for a key after each start; it tells nothing of the key. */
  keyId(key: string): string {
    const digest = createHmac('sha256', this.#key).update(`key id ${key}`).digest('hex');
    return `listed_${digest.slice(0, ID_DIGITS)}`;
  }

  seal(tenant: string, text: string): string {
    return Buffer.from(this.#sealer.seal(Buffer.from(text), tenant)).toString('base64url');
  }

  /** Throws: ApiError 400 for what this server did not seal for this tenant. */
  open(tenant: string, sealed: string, at: string): string {
    try {
      const bytes = this.#sealer.open(Buffer.from(sealed, 'base64url'), tenant);
      return Buffer.from(bytes).toString('utf8');
    } catch (cause) {
      const param = `${at}.encrypted_content`;
      const message = `'${param}' was not made by this server for this caller`;
      throw new ApiError(
        { status: 400, code: 'invalid_encrypted_content', param, message },
        { cause },
      );
    }
  }
}

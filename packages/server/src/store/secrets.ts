/**
 * Texts that clients carry for us and cannot read: compacted conversations, reasoning.
 *
 * They are sealed with the server's own secret and the tenant's name, so that nobody can forge one
 * or use another tenant's.
 */
import { ApiError } from '../errors/api-error.ts';
import { keySealer } from './sealer.ts';
import type { Sealer } from './sealer.ts';

export class Secrets {
  readonly #sealer: Sealer;

  constructor(key: Uint8Array) {
    this.#sealer = keySealer(key);
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

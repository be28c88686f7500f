/**
 * Encryption of what is stored: AES-256-GCM, a fresh nonce each time.
 *
 *     [ nonce 12 | tag 16 | ciphertext ]
 *
 * The name of a row is authenticated with its contents, so that a row moved to another tenant, kind
 * or id is refused as if it were forged.
 *
 * Source: NIST SP 800-38D.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { WaferError } from '@wafer/core';

/** Bytes as they lie in the file. `name` says which row they belong to. */
export interface Sealer {
  readonly isSealing: boolean;
  seal(bytes: Uint8Array, name: string): Uint8Array;
  /** Throws: STORE_KEY if the bytes were sealed otherwise, or changed. */
  open(bytes: Uint8Array, name: string): Uint8Array;
}

const [NONCE_BYTES, TAG_BYTES] = [12, 16];
export const KEY_BYTES = 32;

/** Leaves bytes as they are. */
export const PLAIN_SEALER: Sealer = Object.freeze({
  isSealing: false,
  seal: (bytes: Uint8Array) => bytes,
  open: (bytes: Uint8Array) => bytes,
});

/** Encrypts with a key of 32 bytes. */
export function keySealer(key: Uint8Array): Sealer {
  return {
    isSealing: true,
    seal(bytes, name) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name));
      const sealed = [cipher.update(bytes), cipher.final()];
      return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
    },
    open(bytes, name) {
      try {
        const nonce = bytes.subarray(0, NONCE_BYTES);
        const decipher = createDecipheriv('aes-256-gcm', key, nonce);
        decipher.setAAD(Buffer.from(name));
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        const sealed = bytes.subarray(NONCE_BYTES + TAG_BYTES);
        return Buffer.concat([decipher.update(sealed), decipher.final()]);
      } catch (cause) {
        throw new WaferError('STORE_KEY', { what: name }, { cause });
      }
    },
  };
}

/** The key that a file holds: 32 bytes, or 64 hexadecimal digits. Throws: STORE_KEY_FILE. */
export function readDataKey(bytes: Uint8Array, path: string): Uint8Array {
  if (bytes.length === KEY_BYTES) return bytes;
  const text = new TextDecoder().decode(bytes).trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  throw new WaferError('STORE_KEY_FILE', { path, actualBytes: bytes.length });
}

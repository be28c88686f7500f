/**
 * A hash of what a benchmark computed, so that a fast run that did something else shows.
 */
import { createHash } from 'node:crypto';

/** First 16 hexadecimal digits of the SHA-256 of bytes. */
export function hashBytes(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}

/** The same of token ids as little-endian 32-bit words. */
export function hashTokens(tokens: readonly number[]): string {
  const bytes = new DataView(new ArrayBuffer(tokens.length * 4));
  tokens.forEach((token, i) => bytes.setUint32(i * 4, token, true));
  return hashBytes(new Uint8Array(bytes.buffer));
}

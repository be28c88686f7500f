/**
 * The alphabet of byte-level BPE: every byte as one printable character.
 *
 * Printable Latin-1 stands for itself; the other 68 bytes, in ascending order, are U+0100 and up
 * (so a space is "Ġ").
 *
 * Source: GPT-2's encoder.
 */
import { append } from '@wafer/core';

/** Character of each byte. */
export const BYTE_CHARACTERS: readonly string[] = makeCharacters();

/** Byte of each character code below U+0180; -1 outside the alphabet. */
const BYTES: Int16Array = makeBytes();

/** Bytes that a byte-level token stands for; characters outside the alphabet as UTF-8. */
export function bytesOfToken(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTES[token.charCodeAt(i)] ?? -1;
    if (byte < 0) return bytesWithOthers(token);
    bytes[i] = byte;
  }
  return bytes;
}

function bytesWithOthers(token: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = BYTES[character.codePointAt(0)!] ?? -1;
    if (byte < 0) append(bytes, new TextEncoder().encode(character));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function makeBytes(): Int16Array {
  const bytes = new Int16Array(0x180).fill(-1);
  BYTE_CHARACTERS.forEach((character, byte) => (bytes[character.charCodeAt(0)] = byte));
  return bytes;
}

function makeCharacters(): string[] {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(isPrintable(byte) ? byte : next++),
  );
}

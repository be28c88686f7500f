/**
 * The alphabet of byte-level BPE: every byte as one printable character.
 *
 * Printable Latin-1 stands for itself; the other 68 bytes, in ascending order, are U+0100 and up
 * (so a space is "Ġ").
 *
 * Source: GPT-2's encoder.
 */

/** Character of each byte. */
export const BYTE_CHARACTERS: readonly string[] = makeCharacters();

const BYTES: ReadonlyMap<string, number> = new Map(BYTE_CHARACTERS.map((c, byte) => [c, byte]));

/** Bytes that a byte-level token stands for; characters outside the alphabet as UTF-8. */
export function bytesOfToken(token: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = BYTES.get(character);
    if (byte === undefined) bytes.push(...new TextEncoder().encode(character));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function makeCharacters(): string[] {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(isPrintable(byte) ? byte : next++),
  );
}

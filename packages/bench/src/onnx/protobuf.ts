/**
 * Writes protocol buffers: just what a file of ONNX needs.
 *
 *   field = key (number << 3 | wire type) then a varint, or a length and that many bytes
 *
 * Source: Protocol Buffers documentation, "Encoding".
 */

const WIRE = { varint: 0, length: 2, fixed32: 5 } as const;

/** Bytes of one message or field, in order. */
export type Bytes = Uint8Array;

/** A field with a whole number; negative ones take ten bytes. */
export function numberField(field: number, value: number): Bytes {
  return join([varint((field << 3) | WIRE.varint), varint(value)]);
}

/** A field with a 32-bit float. */
export function floatField(field: number, value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return join([varint((field << 3) | WIRE.fixed32), bytes]);
}

/** A field with bytes, or with a message that was written already. */
export function bytesField(field: number, contents: Bytes): Bytes {
  return join([varint((field << 3) | WIRE.length), varint(contents.length), contents]);
}

export function textField(field: number, text: string): Bytes {
  return bytesField(field, new TextEncoder().encode(text));
}

/** Fields one after the other: a message. */
export function join(parts: readonly Bytes[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Seven bits a byte, lowest first; the top bit says that more follow. */
function varint(value: number): Bytes {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return Uint8Array.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

/**
 * A sound folder whose matrices are 8-bit floats with scales, made from one in f32.
 *
 * Matrices get one scale for 128 × 128, for a row or for all in turns; contents are zeros.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Rewrites `model.safetensors` in place: matrices of layers become 8-bit floats. */
export function scaleFolder(path: string): void {
  const file = readFileSync(path);
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<string, Entry>;
  const data = file.subarray(8 + length);
  const target: Record<string, Entry> = {};
  const parts: Buffer[] = [];
  let end = 0;
  const add = (name: string, dtype: string, shape: number[], bytes: Buffer): void => {
    target[name] = { dtype, shape, data_offsets: [end, end + bytes.length] };
    parts.push(bytes);
    end += bytes.length;
  };
  for (const [index, [name, { dtype, shape, data_offsets: offsets }]] of Object.entries(
    header,
  ).entries()) {
    if (name === '__metadata__') continue;
    const [rows = 1, columns = 1] = shape;
    if (shape.length < 2 || !name.includes('.layers.')) {
      add(name, dtype, shape, data.subarray(...offsets));
      continue;
    }
    add(name, index % 2 === 0 ? 'F8_E4M3' : 'F8_E5M2', shape, Buffer.alloc(rows * columns));
    const squares = [Math.ceil(rows / 128), Math.ceil(columns / 128)];
    const scales = [squares, [rows, 1], []][index % 3] ?? [];
    const count = scales.reduce((product, size) => product * size, 1);
    const suffix = index % 3 === 0 ? '_scale_inv' : '_scale';
    add(name + suffix, 'F32', scales, Buffer.alloc(count * 4));
  }
  const text = Buffer.from(JSON.stringify(target));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([head, text, ...parts]));
}

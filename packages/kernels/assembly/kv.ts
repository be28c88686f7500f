/**
 * Appends keys and values to the paged KV cache. T tokens.
 *
 *   kv block   per head: K [headWidth][16 tokens], then V [16 tokens][headWidth]
 */

/** k, v: [T, stride], kvHeadCount heads; blockStride in bytes; blockTable: i32. */
export function kvAppend(
  kv: usize,
  blockStride: usize,
  blockTable: usize,
  k: usize,
  v: usize,
  stride: usize,
  startPosition: i32,
  tokenCount: i32,
  kvHeadCount: i32,
  headWidth: i32,
): void {
  const rowBytes = (<usize>headWidth) << 2;
  for (let t = 0; t < tokenCount; t++) {
    const position = startPosition + t;
    const lane = <usize>(position & 15);
    const block = load<i32>(blockTable + ((<usize>(position >> 4)) << 2));
    let target = kv + <usize>block * blockStride;
    for (let head: usize = 0; head < <usize>kvHeadCount; head++) {
      const from = head * rowBytes;
      let key = target + (lane << 2);
      for (let d: usize = 0; d < rowBytes; d += 4) {
        store<f32>(key, load<f32>(k + from + d));
        key += 64;
      }
      const value = target + (rowBytes << 4) + lane * rowBytes;
      for (let d: usize = 0; d < rowBytes; d += 16) {
        v128.store(value + d, v128.load(v + from + d));
      }
      target += rowBytes << 5;
    }
    k += stride << 2;
    v += stride << 2;
  }
}

/**
 * Tensors that some GGUF files keep together: query, key and value as one, and the gates and ups
 * of experts.
 *
 *     blk.3.attn_qkv.weight        [Q + K + V, D]   rows of q, then of k, then of v
 *     blk.3.ffn_gate_up_exps.weight [E, 2F, D]      of each expert its gate, then its up
 *
 * Source: llama.cpp, which reads both wherever it reads the single ones.
 */
import { storedRowBytes, type ModelSpec } from '@wafer/core';
import { renamed, type NameTable } from '../families/tensor-places.ts';
import type { StoredTensor } from '../source/source.ts';
import type { GgufTensors } from '../gguf/gguf-files.ts';

const PART = /^(blk\.\d+\.attn_)([qkv])(\.(?:weight|bias))$/;
const GATE_UP = 'ffn_gate_up_exps.weight';

/** The tensors of a file, those that lie in a fused one included. */
export class FusedTensors {
  readonly #files: GgufTensors;
  /** Names of fused tensors that were asked for a part. */
  readonly used: Set<string> = new Set();

  constructor(files: GgufTensors) {
    this.#files = files;
  }

  has(name: string): boolean {
    return this.#files.has(name) || this.#whole(name) !== undefined;
  }

  /** A tensor by name; of q, k and v maybe the rows of a fused one, which has all of them. */
  find(name: string, spec: ModelSpec): StoredTensor | undefined {
    const whole = this.#whole(name);
    const stored = whole === undefined ? undefined : this.#files.find(whole);
    if (whole === undefined || stored === undefined) return this.#files.find(name);
    const { headCount, kvHeadCount, headWidth } = spec;
    const [query, key] = [headCount * headWidth, kvHeadCount * headWidth];
    const [rows = 0, ...columns] = stored.shape;
    // One of another size is handed on whole: its shape is refused where shapes are.
    this.used.add(whole);
    if (rows !== query + 2 * key) return stored;
    const part = PART.exec(name)?.[2];
    const first = part === 'q' ? 0 : part === 'k' ? query : query + key;
    const { type } = stored;
    const rowBytes = type === undefined ? 0 : storedRowBytes(type, columns[0] ?? 1);
    const shape = [part === 'q' ? query : key, ...columns];
    return { ...stored, shape, offset: stored.offset + first * rowBytes };
  }

  /** The family's names, with experts' gates and ups in one tensor where the file has such. */
  names(names: NameTable): NameTable {
    const isFused = [...this.#files.names()].some((name) => name.endsWith(`.${GATE_UP}`));
    if (!isFused) return names;
    const half = (part: 0 | 1): object => ({
      weight: GATE_UP,
      isStacked: true,
      fusion: { part, by: 'halves' },
    });
    const parts = { 'experts.gate': half(0), 'experts.up': half(1) } as NameTable['parts'];
    return renamed(names, parts);
  }

  #whole(name: string): string | undefined {
    if (this.#files.has(name)) return undefined;
    const [, before, part, after] = PART.exec(name) ?? [];
    if (before === undefined || part === undefined) return undefined;
    const whole = `${before}qkv${after}`;
    return this.#files.has(whole) ? whole : undefined;
  }
}

/**
 * The ops of sampling on the kernels: they run on the logits where the tiles wrote them.
 *
 *     vocabScratch: f32 weights [V] | i32 ids [V] | f32 values [V], each on a cache line of its own
 *
 * Block sums share the room of the weights, as they are folded at once.
 */
import { assert, VOCAB_BLOCK_IDS } from '@wafer/core';
import type { Kernels } from '@wafer/kernels';
import { foldSums, SHORT_LIST_MAX, type VocabOps } from './vocab-ops.ts';

const LINE_BYTES = 64;

export interface WasmVocabSpec {
  /** Holds the logits and the scratch; it does not grow. */
  memory: WebAssembly.Memory;
  /** Where the scratch is: three rows of V. */
  layout: { vocabScratch: number };
  vocabCount: number;
}

type VocabKernels = Pick<Kernels, 'argmax' | 'topK' | 'expRow' | 'expSums'>;

/** Binds the kernels of one memory to its scratch. */
export function wasmVocabOps(kernels: VocabKernels, spec: WasmVocabSpec): VocabOps {
  const { vocabCount } = spec;
  const { buffer } = spec.memory;
  const rowBytes = Math.ceil((vocabCount * 4) / LINE_BYTES) * LINE_BYTES;
  const weightsAt = spec.layout.vocabScratch;
  const idsAt = weightsAt + rowBytes;
  const valuesAt = idsAt + rowBytes;
  const listLength = Math.min(SHORT_LIST_MAX, vocabCount);
  const sums = new Float32Array(buffer, weightsAt, Math.ceil(vocabCount / VOCAB_BLOCK_IDS));
  const addressOf = (row: Float32Array): number => {
    const isHere = row.buffer === buffer && row.length <= vocabCount;
    if (!isHere) assert(false, 'logits are in the memory of their kernels', { length: row.length });
    return row.byteOffset;
  };
  return {
    ids: new Int32Array(buffer, idsAt, listLength),
    values: new Float32Array(buffer, valuesAt, listLength),
    weights: new Float32Array(buffer, weightsAt, vocabCount),
    argmax: (logits) => kernels.argmax(addressOf(logits), logits.length),
    topK: (logits, k) => kernels.topK(idsAt, valuesAt, addressOf(logits), logits.length, k),
    expRow(logits, { max, scale }) {
      kernels.expRow(weightsAt, addressOf(logits), logits.length, max, scale);
    },
    expSum(logits, { max, scale }) {
      kernels.expSums(weightsAt, addressOf(logits), logits.length, max, scale);
      return foldSums(sums);
    },
  };
}

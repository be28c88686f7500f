/**
 * Opens a GGUF file, or a set of them, as a model: spec, places of its tensors, tokenizer.
 */
import { dequantizeRow, storedRowBytes, WaferError } from '@wafer/core';
import { createTokenizer } from '@wafer/text';
import { readGguf } from '../families/families.ts';
import { Fields } from '../source/fields.ts';
import { readFully, withFile, type OpenFile } from '../source/files.ts';
import { checkAllUsed, listTensors, type GgufTensors } from '../gguf/gguf-files.ts';
import { FusedTensors } from './gguf-fused.ts';
import { tokenizerOfGguf } from './gguf-tokenizer.ts';
import { GgufArray } from '../gguf/gguf-values.ts';
import { GgufHead } from '../gguf/gguf.ts';
import { SPEC_LIMITS } from '../source/spec-limits.ts';
import type { Model } from '../source/source.ts';
import { suggestedByGguf } from './suggested-sampling.ts';
import { matchTensors } from './tensor-table.ts';

/** Divisors of the rotary frequencies: the one tensor that is part of the spec. */
const FREQUENCIES = 'rope_freqs.weight';

/** Opens and checks a GGUF file. Throws: GGUF_INVALID, CONFIG_INVALID, TENSOR_*, TOKENIZER_*. */
export function openGguf(name: string, path: string): Model {
  return withFile(path, (file) => {
    const head = new GgufHead(file);
    const fields = new Fields(path, Object.fromEntries(head.metadata));
    const tokens = head.metadata.get('tokenizer.ggml.tokens');
    const files = listTensors(path, head);
    const fused = new FusedTensors(files);
    const { spec, names } = readGguf(fields, {
      hasTensor: (tensor) => fused.has(tensor),
      tokenCount: tokens instanceof GgufArray ? tokens.count : undefined,
      embeddingRows: files.find('token_embd.weight')?.shape[0],
      frequencyFactors: readFrequencyFactors(file, files),
      booleans: (key) => head.booleans(key),
      numbers: (key) => head.numbers(key),
    });
    const used = new Set([FREQUENCIES]);
    const format = { kind: 'gguf', names: fused.names(names) } as const;
    const tensors = matchTensors(path, format, spec, (tensor) => {
      used.add(tensor);
      return fused.find(tensor, spec);
    });
    checkAllUsed(path, files, used.union(fused.used), spec.layerCount);
    const text = tokenizerOfGguf(head, fields, spec.vocabCount);
    // Made once here, so that a broken one is refused now; the tokenizer is kept for its caller.
    if (text.tokenizer !== undefined) createTokenizer(text.tokenizer, path);
    const source = { kind: 'files', paths: files.paths, tensors } as const;
    return { name, spec, source, sampling: suggestedByGguf(fields), ...text };
  });
}

/** Divisors of the rotary frequencies, of Llama 3.1 and later; undefined where there are none. */
function readFrequencyFactors(first: OpenFile, files: GgufTensors): number[] | undefined {
  const tensor = FREQUENCIES;
  const stored = files.find(tensor);
  if (stored === undefined) return undefined;
  const [columns = 0, ...outer] = stored.shape;
  const expected = `at most ${SPEC_LIMITS.headWidth / 2}`;
  if (outer.length > 0 || columns > SPEC_LIMITS.headWidth / 2) {
    throw new WaferError('TENSOR_SHAPE', { tensor, actual: stored.shape.join(' x '), expected });
  }
  if (stored.type !== 'f32') {
    throw new WaferError('TENSOR_TYPE', { tensor, type: stored.typeName, supported: ['F32'] });
  }
  const bytes = new Uint8Array(storedRowBytes('f32', columns));
  const path = files.paths[stored.fileIndex] ?? first.path;
  if (path === first.path) readFully(first, stored.offset, bytes);
  else withFile(path, (file) => readFully(file, stored.offset, bytes));
  const factors = new Float32Array(columns);
  dequantizeRow(factors, { type: 'f32', rows: 1, columns, stored: bytes }, 0);
  if (factors.some((factor) => !(factor > 0 && factor < Infinity))) {
    throw new WaferError('TENSOR_NOT_FINITE', { tensor });
  }
  return [...factors];
}

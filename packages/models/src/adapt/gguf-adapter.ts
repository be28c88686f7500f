/**
 * Adapters as llama.cpp keeps them, in one GGUF file.
 *
 *     general.type = adapter · general.architecture · adapter.type = lora · adapter.lora.alpha
 *     blk.0.attn_q.weight.lora_a [r, columns]          blk.0.attn_q.weight.lora_b [rows, r]
 *
 * Those of experts are stacked: blk.0.ffn_up_exps.weight.lora_a [E, r, columns], lora_b alike.
 * Rows of queries and keys lie as in the architecture's models. An alpha of 0 means a factor of 1.
 *
 * Source: llama.cpp, gguf-py's keys and convert_lora_to_gguf.
 */
import { WaferError } from '@wafer/core';
import type { ModelSpec } from '@wafer/core';
import { familyOf } from '../families/families.ts';
import { listTensors } from '../gguf/gguf-files.ts';
import { GgufHead } from '../gguf/gguf.ts';
import { Fields } from '../source/fields.ts';
import { withFile } from '../source/files.ts';
import type { StoredTensor } from '../source/source.ts';
import { ALPHA_MAX, unfit } from './adapter-file.ts';
import type { AdapterFile } from './adapter-file.ts';

/** What llama.cpp calls A and B of a matrix's tensor. */
export function ggufAdapterNames(tensor: string): { a: string; b: string } {
  return { a: `${tensor}.lora_a`, b: `${tensor}.lora_b` };
}

/** Reads what a file says. Throws: GGUF_INVALID, CONFIG_INVALID, MODEL_KIND. */
export function readGgufAdapter(path: string, spec: ModelSpec, fileIndex: number): AdapterFile {
  return withFile(path, (file) => {
    const head = new GgufHead(file);
    const fields = new Fields(path, Object.fromEntries(head.metadata));
    for (const [key, expected] of [
      ['general.type', 'adapter'],
      ['adapter.type', 'lora'],
    ] as const) {
      if (fields.get(key) !== expected) throw fields.invalid(key, expected);
    }
    const { architecture, names, layout } = familyOf(spec).gguf;
    const actual = fields.string('general.architecture');
    if (actual !== architecture) {
      throw unfit(path, `is for ${actual.slice(0, 40)}, the model is ${architecture}`);
    }
    const alpha = fields.number('adapter.lora.alpha', { min: 0, max: ALPHA_MAX });
    const files = listTensors(path, head);
    if (files.paths.length > 1) {
      const reason = `it is split into ${files.paths.length} files, adapters are one`;
      throw new WaferError('GGUF_INVALID', { path, reason });
    }
    const stored = new Map<string, StoredTensor>();
    for (const name of files.names()) stored.set(name, { ...files.find(name)!, fileIndex });
    const scaleOf = (rank: number): number => (alpha === 0 ? 1 : alpha / rank);
    return { path, stored, names, layout, partsOf: ggufAdapterNames, scaleOf };
  });
}

/**
 * A model with a low-rank adapter merged in: a folder of PEFT's, read beside the model's files.
 *
 *     adapter_config.json           r, lora_alpha, target_modules
 *     adapter_model.safetensors     base_model.model.<matrix>.lora_A.weight [r, columns]
 *                                                            .lora_B.weight [rows, r]
 *
 * Nothing is written: rows are changed as they are read, and come as f32.
 *
 * Source: Hu et al. 2021 (LoRA); PEFT's files.
 */
import { join } from 'node:path';
import { isVector, parseJsonObject, tensorShapes, WaferError } from '@wafer/core';
import type { TensorShape } from '@wafer/core';
import { familyOf, folderLayout } from '../families/families.ts';
import { placeOf } from '../families/tensor-places.ts';
import { Fields } from '../source/fields.ts';
import { readText, withFile } from '../source/files.ts';
import type { FileTensor, LowRank, Model, StoredTensor } from '../source/source.ts';
import { rowOrder } from '../write/convert-rows.ts';
import { readSafetensors } from '../open/safetensors.ts';

const PREFIX = 'base_model.model.';

/** The model with the adapter of a folder. Throws: CONFIG_INVALID, MODEL_KIND, TENSOR_*. */
export function withAdapter(model: Model, folder: string): Model {
  const { source, spec } = model;
  if (source.kind !== 'files') throw unfit(folder, 'changes a model that lies in no file');
  const scaleOf = readConfig(join(folder, 'adapter_config.json'));
  const path = join(folder, 'adapter_model.safetensors');
  const fileIndex = source.paths.length;
  const stored = withFile(path, (file) => readSafetensors(file, fileIndex));
  const left = new Set(stored.keys());
  const changes: Record<string, LowRank> = {};
  const tensors = { ...source.tensors };
  for (const shape of tensorShapes(spec)) {
    const place = placeOf(familyOf(spec).hf.names, shape.role);
    if (place === undefined || isVector(shape)) continue;
    const key = `${PREFIX}${place.tensor.replace(/\.weight$/, '')}`;
    const [a, b] = ['A', 'B'].map((part) => {
      const name = `${key}.lora_${part}.weight`;
      const found = stored.get(name);
      if (found !== undefined && (place.isStacked || place.fusion || place.isTransposed)) {
        throw unfit(folder, `changes ${place.tensor}, which holds several matrices`);
      }
      left.delete(name);
      return found === undefined ? undefined : tensorOf(name, found, shape);
    });
    if (a === undefined || b === undefined) continue;
    checkShapes(shape, a, b);
    const saved = { ...spec, rope: { ...spec.rope, layout: folderLayout(spec) } };
    const order = rowOrder(saved, shape, spec.rope.layout);
    changes[shape.name] = {
      ...{ a, b, rank: a.rows, scale: scaleOf(a.rows) },
      base: tensors[shape.name]!,
      ...(order && { rowOrder: Array.from({ length: shape.rows }, (_, row) => order(row)) }),
    };
    tensors[shape.name] = { ...tensors[shape.name]!, type: 'f32' };
  }
  const [first] = left;
  if (first !== undefined) throw unfit(folder, `changes ${first}, which the model does not have`);
  const paths = [...source.paths, path];
  return { ...model, source: { ...source, paths, tensors, changes } };
}

/** The factor of a rank. Throws: CONFIG_INVALID for kinds of adapters that are more than B A. */
function readConfig(path: string): (rank: number) => number {
  const fail = (reason: string): WaferError => invalid(path, 'the file', reason, 'a JSON object');
  const fields = new Fields(path, parseJsonObject(readText(path), fail));
  const kind = fields.get('peft_type');
  if (kind !== 'LORA') throw invalid(path, 'peft_type', String(kind), 'LORA');
  const plain = ['use_dora', 'modules_to_save', 'rank_pattern', 'alpha_pattern', 'fan_in_fan_out'];
  for (const field of plain) {
    const value = fields.get(field);
    const isNone = value === undefined || value === null || value === false;
    const isEmpty = typeof value === 'object' && Object.keys(value ?? {}).length === 0;
    if (!isNone && !isEmpty) throw invalid(path, field, JSON.stringify(value), 'none');
  }
  const bias = fields.get('bias');
  if (bias !== undefined && bias !== 'none') throw invalid(path, 'bias', String(bias), 'none');
  const alpha = fields.get('lora_alpha');
  if (typeof alpha !== 'number' || !Number.isFinite(alpha)) {
    throw invalid(path, 'lora_alpha', String(alpha), 'a number');
  }
  const isRooted = fields.get('use_rslora') === true;
  return (rank) => alpha / (isRooted ? Math.sqrt(rank) : rank);
}

function tensorOf(
  name: string,
  { type, typeName, shape, fileIndex, offset }: StoredTensor,
  { role, use }: TensorShape,
): FileTensor {
  const [rows = 0, columns = 0] = shape;
  if (type === undefined || shape.length !== 2) {
    const supported = 'matrices of F32, F16, BF16';
    throw new WaferError('TENSOR_TYPE', { tensor: name, type: typeName, supported });
  }
  return { name, role, use, type, rows, columns, fileIndex, offset };
}

function checkShapes(
  { rows, columns }: { rows: number; columns: number },
  a: FileTensor,
  b: FileTensor,
): void {
  const pairs = [
    [a, `${a.rows} x ${columns}`],
    [b, `${rows} x ${a.rows}`],
  ] as const;
  for (const [tensor, expected] of pairs) {
    const actual = `${tensor.rows} x ${tensor.columns}`;
    if (actual !== expected) {
      throw new WaferError('TENSOR_SHAPE', { tensor: tensor.name, actual, expected });
    }
  }
}

function invalid(path: string, field: string, value: string, expected: string): WaferError {
  return new WaferError('CONFIG_INVALID', { path, field, value, expected });
}

function unfit(path: string, what: string): WaferError {
  return new WaferError('MODEL_KIND', { path, what, hint: 'take the base of this adapter' });
}

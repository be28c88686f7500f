/**
 * Adapters as PEFT keeps them, in a folder.
 *
 *     adapter_config.json           r, lora_alpha, target_modules
 *     adapter_model.safetensors     base_model.model.<matrix>.lora_A.weight [r, columns]
 *                                                            .lora_B.weight [rows, r]
 *
 * Experts that are modules have names like others: ….experts.3.w1.lora_A.weight. Where one
 * parameter holds all experts (`target_parameters`), A and B of all lie in one matrix each. Which
 * of the two belongs to inputs changed with PEFT 0.19.1, which `peft_version` tells; but tools
 * differ in whether ranks or experts lie closer in B, and no file says which tool ordered it. So
 * such adapters are refused by name.
 *
 * Source: PEFT's files; huggingface/peft#3165, unslothai/unsloth-zoo#1269.
 */
import { join } from 'node:path';
import { ADAPTER_TARGETS, parseJsonObject, tensorShapes } from '@wafer/core';
import type { AdapterTarget, ModelSpec, WaferError } from '@wafer/core';
import { familyOf } from '../families/families.ts';
import { placeOf } from '../families/tensor-places.ts';
import { ADAPTER_CONFIG } from '../open/folder-kinds.ts';
import { readSafetensors } from '../open/safetensors.ts';
import { Fields } from '../source/fields.ts';
import { readText, withFile } from '../source/files.ts';
import { ALPHA_MAX, invalid, unfit } from './adapter-file.ts';
import type { AdapterFile } from './adapter-file.ts';

/** The file of a folder's tensors. */
export const ADAPTER_TENSORS = 'adapter_model.safetensors';
const PREFIX = 'base_model.model.';

/** What PEFT calls A and B of a matrix's tensor. */
export function peftNames(tensor: string): { a: string; b: string } {
  const module = `${PREFIX}${tensor.replace(/\.weight$/, '')}`;
  return { a: `${module}.lora_A.weight`, b: `${module}.lora_B.weight` };
}

/** Kinds of a model's matrices that a folder's adapter can change: each by itself in a file. */
export function peftTargets(spec: ModelSpec): AdapterTarget[] {
  const { names } = familyOf(spec).hf;
  const kinds = tensorShapes(spec).flatMap(({ role }) => {
    const place = placeOf(names, role);
    const isOwn = place !== undefined && !place.fusion && !place.isTransposed;
    return isOwn && !role.isBias ? [role.part] : [];
  });
  return ADAPTER_TARGETS.filter((target) => kinds.includes(target));
}

/**
 * Reads what a folder says.
 * Throws: CONFIG_INVALID, MODEL_KIND, SAFETENSORS_INVALID, MODEL_UNREADABLE.
 */
export function readPeft(folder: string, spec: ModelSpec, fileIndex: number): AdapterFile {
  const scaleOf = readConfig(join(folder, ADAPTER_CONFIG));
  const path = join(folder, ADAPTER_TENSORS);
  const stored = withFile(path, (file) => readSafetensors(file, fileIndex));
  const { names, layout } = familyOf(spec).hf;
  return { path, stored, names, layout, partsOf: peftNames, scaleOf };
}

/** What makes an adapter more than B A, or one of some tokens only. */
const REFUSED = [
  ...['use_dora', 'modules_to_save', 'rank_pattern', 'alpha_pattern', 'fan_in_fan_out'],
  'alora_invocation_tokens',
];

/** The factor of a rank. Throws: CONFIG_INVALID, MODEL_KIND for adapters that are more than B A. */
function readConfig(path: string): (rank: number) => number {
  const fail = (reason: string): WaferError => invalid(path, 'the file', reason, 'a JSON object');
  const fields = new Fields(path, parseJsonObject(readText(path), fail));
  const kind = fields.get('peft_type');
  if (kind !== 'LORA') throw invalid(path, 'peft_type', String(kind), 'LORA');
  for (const field of REFUSED) {
    const value = fields.get(field);
    const isNone = value === undefined || value === null || value === false;
    const isEmpty = typeof value === 'object' && Object.keys(value ?? {}).length === 0;
    if (!isNone && !isEmpty) throw invalid(path, field, JSON.stringify(value), 'none');
  }
  const parameters = fields.get('target_parameters');
  if (Array.isArray(parameters) ? parameters.length > 0 : Boolean(parameters)) {
    const what = `has target_parameters ${JSON.stringify(parameters)}, all experts in one`;
    throw unfit(path, what, 'save it per expert, or merge it where it was trained');
  }
  const bias = fields.get('bias');
  if (bias !== undefined && bias !== 'none') throw invalid(path, 'bias', String(bias), 'none');
  const alpha = fields.number('lora_alpha', { min: 0, max: ALPHA_MAX });
  // In GGUF 0 says a factor of 1: here it would say one of 0.
  if (alpha === 0) throw invalid(path, 'lora_alpha', '0', 'more than 0');
  const isRooted = fields.get('use_rslora') === true;
  return (rank) => alpha / (isRooted ? Math.sqrt(rank) : rank);
}

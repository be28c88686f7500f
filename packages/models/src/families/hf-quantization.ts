/**
 * The `quantization_config` of a folder: which quantized weights the readers understand.
 *
 * What a tensor is stored in is read from the files; here only what they would misread is refused.
 * How activations were rounded where the model was made does not matter: they stay f32.
 *
 * Source: transformers, utils/quantization_config.py; compressed-tensors, quant_scheme.py.
 */
import { brief } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import { quantizedElsewhere } from './other-kinds.ts';

/** Weights per side of a square that has one scale. */
const SQUARE = 128;

const GROUPS_MAX = 64;

/** Stops where weights are in a form that is not read. Throws: MODEL_KIND, CONFIG_INVALID. */
export function checkQuantization(fields: Fields): void {
  const config = fields.object('quantization_config');
  if (config === undefined) return;
  switch (config.string('quant_method')) {
    case 'mxfp4':
      return;
    case 'fp8':
      return checkSquares(config);
    case 'compressed-tensors':
      return checkGroups(config, fields);
    default:
      throw quantizedElsewhere(fields, brief(config.get('quant_method')), config);
  }
}

function checkSquares(config: Fields): void {
  const size = config.list('weight_block_size', 2);
  if (size === undefined) return;
  const isRight = size.length === 2 && size.every((side) => side === SQUARE);
  if (!isRight) throw config.invalid('weight_block_size', `[${SQUARE}, ${SQUARE}] or none`);
}

function checkGroups(config: Fields, fields: Fields): void {
  const groups = config.object('config_groups');
  const names = groups?.names() ?? [];
  if (groups === undefined || names.length === 0 || names.length > GROUPS_MAX) {
    throw config.invalid('config_groups', `1 to ${GROUPS_MAX} groups`);
  }
  for (const name of names) {
    const weights = groups.object(name)?.object('weights');
    if (weights === undefined) throw groups.invalid(name, 'a group with weights');
    const type = weights.string('type', 'int');
    const bits = weights.integer('num_bits', { min: 1, max: 64, fallback: 8 });
    if (type === 'float' && bits === 8) continue;
    throw quantizedElsewhere(fields, `compressed-tensors, as ${bits}-bit ${type}`);
  }
}

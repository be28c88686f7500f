/**
 * Models that are sound and not for here, told by their configs: what they are, in the words of
 * those who use them, and what to do instead.
 *
 * Source: transformers, models/auto and utils/quantization_config.py; the configs that peft, MLX
 * and AutoGPTQ write.
 */
import { brief, isObject, WaferError } from '@wafer/core';
import type { Fields } from '../source/fields.ts';

/** Take the weights as they were and quantize here. */
const TAKE_ORIGINAL =
  'take the original weights, in bf16 or f16; ' +
  'Wafer quantizes them as it loads (dtype q8_0 or q4_0)';

/** Quantizations of other tools by `quant_method`. */
const TOOLS: Readonly<Record<string, string>> = {
  gptq: 'GPTQ',
  awq: 'AWQ',
  bitsandbytes: 'bitsandbytes',
  aqlm: 'AQLM',
  auto_round: 'AutoRound',
  'auto-round': 'AutoRound',
  bitnet: 'BitNet',
  eetq: 'EETQ',
  exl2: 'ExLlamaV2',
  exl3: 'ExLlamaV3',
  fbgemm_fp8: 'FBGEMM',
  higgs: 'HIGGS',
  hqq: 'HQQ',
  modelopt: 'ModelOpt',
  quanto: 'Quanto',
  quark: 'Quark',
  spqr: 'SpQR',
  torchao: 'torchao',
  vptq: 'VPTQ',
};

/** Ends of architectures that do not continue texts. */
const PURPOSES: readonly (readonly [RegExp, string, string])[] = [
  [
    /ForSequenceClassification$|ForRewardModeling$|RewardModel$/,
    'classifies or ranks texts and does not continue them',
    'take the model it was trained from, or one for text generation',
  ],
  [
    /ForTokenClassification$|ForQuestionAnswering$|ForMultipleChoice$/,
    'labels texts and does not continue them',
    'take a model for text generation',
  ],
  [
    /^(\w*Bert|X?L?M?Roberta|Electra|Deberta|MPNet)[A-Z]/,
    'is an encoder, as for embeddings, and does not continue texts',
    'take a model for text generation',
  ],
  [
    /^(U?M?T5|M?Bart|Marian|Pegasus|LED|M2M100|Blenderbot|Whisper|EncoderDecoder|Florence2)/,
    'has an encoder and a decoder',
    'take a model with a decoder alone',
  ],
  [
    /^(CLIP|SigLIP|Siglip|ViT|DINO|Dinov2|Swin|ConvNext|Beit|DeiT|SAM|Sam)/,
    'is for images, without a model for text',
    'take a model for text generation',
  ],
];

/** Stops at weights of another tool's quantization. Throws: MODEL_KIND. */
export function refuseForeignQuantization(fields: Fields): void {
  const config = fields.get('quantization_config');
  const isMlx = isObject(fields.get('quantization'));
  if (isMlx || (isObject(config) && !('quant_method' in config) && 'group_size' in config)) {
    throw quantized(fields, 'MLX', fields.get('quantization') ?? config);
  }
  const method = isObject(config) ? config['quant_method'] : undefined;
  if (typeof method !== 'string' || !Object.hasOwn(TOOLS, method)) return;
  throw quantized(fields, TOOLS[method] ?? method, config);
}

function quantized(fields: Fields, tool: string, config: unknown): WaferError {
  const given = isObject(config) ? (config['bits'] ?? config['w_bit']) : undefined;
  const is4 = isObject(config) && config['load_in_4bit'] === true;
  const bits = is4 ? 4 : typeof given === 'number' ? given : undefined;
  const width = bits === undefined ? '' : `, ${bits} bits`;
  return kindError(fields, `holds weights quantized by ${tool}${width}`, TAKE_ORIGINAL);
}

/** Stops at architectures that do not continue texts. Throws: MODEL_KIND. */
export function refuseOtherPurpose(fields: Fields, architecture: string): void {
  const says = (what: string): string => `(${brief(architecture)}) ${what}`;
  for (const [pattern, what, hint] of PURPOSES) {
    if (pattern.test(architecture)) throw kindError(fields, says(what), hint);
  }
  if (fields.get('is_encoder_decoder') === true) {
    const what = says('has an encoder and a decoder');
    throw kindError(fields, what, 'take a model with a decoder alone');
  }
}

/** The error of a model whose text part is of no family here. */
export function withImages(
  fields: Fields,
  architecture: string,
  supported: readonly string[],
): WaferError {
  return kindError(
    fields,
    `(${brief(architecture)}) reads images or sound, and its text model is not supported`,
    `take a model for text alone; supported are ${supported.join(', ')}`,
  );
}

/** The error of a sound model that is not for here. */
export function kindError(fields: Pick<Fields, 'path'>, what: string, hint: string): WaferError {
  return new WaferError('MODEL_KIND', { path: fields.path, what, hint });
}

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
  fp_quant: 'FP-Quant',
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
    /^(Gte|New|JinaEmbeddings|NomicBert|Snowflake|\w+Bidirectional|\w+Embedding\w*)Model$/,
    'is an encoder, as for embeddings, and does not continue texts',
    'take a model for text generation',
  ],
  [
    /Eagle|Medusa|MTPModel$|^DFlash/i,
    'is the draft part of another model, which guesses its tokens',
    'take the model that it drafts for',
  ],
  [
    /For(CTC|AudioFrame\w*|AudioClassification|TextTo\w+|SpeechSeq2Seq|PreTraining)$/,
    'is for sound or for training, and does not continue texts',
    'take a model for text generation',
  ],
  [
    /For(Image|Object|Semantic|Instance|Universal|Depth|Video|Keypoint|Mask)\w*$/,
    'is for images',
    'take a model for text generation',
  ],
  [
    /^(CLIP|SigLIP|Siglip|ViT|DINO|Dinov2|Swin|ConvNext|Beit|DeiT|SAM|Sam|UNet|Autoencoder)/,
    'is for images, without a model for text',
    'take a model for text generation',
  ],
];

/** Stops at weights of another tool's quantization. Throws: MODEL_KIND. */
export function refuseForeignQuantization(fields: Fields): void {
  const config = fields.get('quantization_config');
  const isMlx = isObject(fields.get('quantization'));
  if (isMlx) throw quantized(fields, 'MLX', fields.get('quantization'));
  if (fields.has('compression_config')) {
    throw quantized(fields, 'an old version of compressed-tensors', undefined);
  }
  if (!isObject(config)) return;
  const method = config['quant_method'];
  const tool = method === undefined ? toolOf(config) : TOOLS[String(method)];
  if (tool !== undefined) throw quantized(fields, tool, config);
}

/** Whose config it is, where it has no name. */
function toolOf(config: Record<string, unknown>): string | undefined {
  if ('quant_algo' in config) return 'ModelOpt';
  if ('load_in_4bit' in config || 'load_in_8bit' in config) return 'bitsandbytes';
  if ('version' in config || 'zero_point' in config) return 'AWQ';
  if ('desc_act' in config || 'sym' in config) return 'GPTQ';
  return 'group_size' in config ? 'MLX' : undefined;
}

/** Ends of names that other tools give to parts of one quantized matrix. */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/\.(qweight|qzeros)$/, 'GPTQ or AWQ'],
  [/\.weight\.(absmax|quant_map|quant_state\b.*)$/, 'bitsandbytes'],
  [/\.weight_packed$/, 'compressed-tensors'],
  [/\.(q_weight|q_groups|q_scale_max)$/, 'ExLlamaV2'],
  [/\.(trellis|suh|svh)$/, 'ExLlamaV3'],
  [/\.weight\._data$/, 'Quanto'],
  [/\.(W_q|quant_scalar)$/, 'HQQ'],
];

/** Stops at a folder whose config is silent and whose tensors are quantized. Throws: MODEL_KIND. */
export function refuseQuantizedParts(path: string, names: ReadonlySet<string>): void {
  for (const [pattern, tool] of PARTS) {
    if (names.values().some((name) => pattern.test(name))) {
      throw quantized({ path }, tool, undefined);
    }
  }
  if (names.values().some((name) => name.endsWith('.base_layer.weight'))) {
    const what = 'holds an adapter that is not merged into its weights (base_layer)';
    throw kindError({ path }, what, 'merge it (peft: merge_and_unload), then save it again');
  }
  const isMlx = names.values().some((name) => {
    const stem = name.endsWith('.biases') ? name.slice(0, -'.biases'.length) : undefined;
    return stem !== undefined && names.has(`${stem}.scales`);
  });
  if (isMlx) throw quantized({ path }, 'MLX', undefined);
}

/** The error of weights that were quantized by a tool, as the config names it. */
export function quantizedElsewhere(
  fields: Pick<Fields, 'path'>,
  tool: string,
  config?: Fields,
): WaferError {
  return quantized(fields, tool, config === undefined ? undefined : { bits: config.get('bits') });
}

function quantized(fields: Pick<Fields, 'path'>, tool: string, config: unknown): WaferError {
  const given = isObject(config) ? (config['bits'] ?? config['w_bit']) : undefined;
  const loads = (bits: number): boolean =>
    isObject(config) && config[`load_in_${bits}bit`] === true;
  const loaded = [4, 8].find(loads);
  const bits = loaded !== undefined ? loaded : typeof given === 'number' ? given : undefined;
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

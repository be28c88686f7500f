/**
 * All families, and which of them a config or a GGUF file belongs to.
 */
import { assert, brief } from '@wafer/core';
import type { ModelSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import { unsupported, type FamilyFiles, type GgufContents, type GgufFamily } from './family.ts';
import { GLM4_MOE } from './glm4-moe.ts';
import { GLM4 } from './glm4.ts';
import { refuseOtherGguf } from './gguf-kinds.ts';
import { GPT_OSS } from './gpt-oss.ts';
import { checkQuantization } from './hf-quantization.ts';
import { simplified } from './layer-pattern.ts';
import { refuseForeignQuantization, refuseOtherPurpose, withImages } from './other-kinds.ts';
import { LLAMA } from './llama.ts';
import { LLAMA4 } from './llama4.ts';
import { MISTRAL } from './mistral.ts';
import { MIXTRAL } from './mixtral.ts';
import { QWEN2 } from './qwen2.ts';
import { QWEN3_MOE } from './qwen3-moe.ts';
import { QWEN3 } from './qwen3.ts';
import { SMOLLM3 } from './smollm3.ts';
import type { NameTable } from './tensor-places.ts';

/** Families by what their configs call them; the name changes no arithmetic. */
export type Family =
  | 'llama'
  | 'llama4'
  | 'mistral'
  | 'mixtral'
  | 'qwen2'
  | 'qwen3'
  | 'qwen3-moe'
  | 'gpt-oss'
  | 'glm4'
  | 'glm4-moe'
  | 'smollm3';

/** Families by name. */
export const FAMILIES: Readonly<Record<Family, FamilyFiles>> = {
  llama: LLAMA,
  llama4: LLAMA4,
  mistral: MISTRAL,
  mixtral: MIXTRAL,
  qwen2: QWEN2,
  qwen3: QWEN3,
  'qwen3-moe': QWEN3_MOE,
  'gpt-oss': GPT_OSS,
  glm4: GLM4,
  'glm4-moe': GLM4_MOE,
  smollm3: SMOLLM3,
};

/** The family of a spec. */
export function familyOf({ family }: Pick<ModelSpec, 'family'>): FamilyFiles {
  const files = (FAMILIES as Readonly<Record<string, FamilyFiles | undefined>>)[family];
  assert(files !== undefined, 'a spec has a family of the table', { family });
  return files;
}

/** How heads are rotated in folders of a spec's family. */
export function folderLayout(spec: Pick<ModelSpec, 'family'>): ModelSpec['rope']['layout'] {
  return familyOf(spec).hf.layout;
}

/** Names of all families. */
export const FAMILY_NAMES: readonly string[] = Object.keys(FAMILIES);

const ALL: readonly FamilyFiles[] = Object.values(FAMILIES);

/** Architectures that a Hugging Face folder may name. */
export const HF_ARCHITECTURES: readonly string[] = ALL.flatMap(({ hf }) => hf.architectures);

/** Architectures that a GGUF file may name. */
export const GGUF_ARCHITECTURES: readonly string[] = [
  ...new Set(ALL.map(({ gguf }) => gguf.architecture)),
];

/** A spec, and what its files call its tensors. */
export interface ReadSpec {
  spec: ModelSpec;
  names: NameTable;
  /** Before every name. */
  prefix: string;
  /** What says the most of the text model. */
  fields: Fields;
}

/** Maps a config.json to what it computes. Throws: CONFIG_INVALID, MODEL_UNSUPPORTED. */
export function readHfConfig(fields: Fields): ReadSpec {
  refuseForeignQuantization(fields);
  const { family, architecture, nested } = hfFamilyOf(fields);
  checkQuantization(fields);
  const { hf } = family;
  const text = nested
    ? { fields: nested, prefix: '' }
    : (hf.textOf?.(fields, architecture) ?? { fields, prefix: '' });
  return { spec: simplified(hf.read(text.fields)), names: hf.names, ...text };
}

/** `nested`: the config of the text model inside one that reads images, too. */
function hfFamilyOf(fields: Fields): {
  family: FamilyFiles;
  architecture: string;
  nested?: Fields;
} {
  const list = fields.get('architectures');
  if (list === undefined) refuseOtherPurpose(fields, String(fields.get('_class_name') ?? ''));
  const byType = (config: Fields): FamilyFiles | undefined =>
    ALL.find(({ hf }) => hf.modelType === config.get('model_type'));
  if (list === undefined) {
    const family = byType(fields);
    if (family) return { family, architecture: family.hf.architectures[0] ?? '' };
  }
  if (!Array.isArray(list) || typeof list[0] !== 'string') {
    throw fields.invalid('architectures', 'a list with the name of an architecture');
  }
  const architecture = list[0];
  const familyOf = (name: string): FamilyFiles | undefined =>
    ALL.find(({ hf }) => hf.architectures.includes(name));
  const family = familyOf(architecture);
  if (family) return { family, architecture };
  // The bare model, without a head: its embedding or a head beside it may stand in.
  const whole = architecture.replace(/Model$/, 'ForCausalLM');
  const bare = familyOf(whole);
  if (bare) return { family: bare, architecture: whole };
  refuseOtherPurpose(fields, architecture);
  const nested = fields.object('text_config');
  const inside = nested && byType(nested);
  if (nested && inside) {
    const { usualSizes = {} } = inside.hf;
    return { family: inside, architecture, nested: nested.withUsual(usualSizes) };
  }
  if (nested || fields.has('vision_config')) {
    throw withImages(fields, architecture, HF_ARCHITECTURES);
  }
  throw unsupported(fields.path, brief(architecture), HF_ARCHITECTURES);
}

/** Maps metadata to what it computes. Throws: CONFIG_INVALID, MODEL_UNSUPPORTED. */
export function readGguf(fields: Fields, contents: GgufContents): ReadSpec {
  const gguf = ggufFamilyOf(fields);
  return { spec: simplified(gguf.read(fields, contents)), names: gguf.names, prefix: '', fields };
}

function ggufFamilyOf(fields: Fields): GgufFamily {
  refuseOtherGguf(fields);
  const architecture = fields.string('general.architecture');
  const family = ALL.find(({ gguf }) => gguf.architecture === architecture);
  if (!family) throw unsupported(fields.path, architecture.slice(0, 80), GGUF_ARCHITECTURES);
  return family.gguf;
}

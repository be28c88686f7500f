/**
 * Where a canonical tensor lies among the tensors of a file: a whole one, or a slice.
 *
 *     layers.3.q              model.layers.3.self_attn.q_proj.weight       a whole tensor
 *     layers.3.experts.7.up   blk.3.ffn_up_exps.weight [E, F, D]           one of E stacked
 *     layers.3.gate           ….mlp.gate_up_proj.weight [2F, D]            its first half
 *     layers.3.experts.7.up   ….experts.gate_up_proj [E, D, 2F]            stacked, transposed,
 *                                                                          every other column
 *
 * Each family has one table per format; reader and writer both follow it.
 */
import type { TensorRole } from '@wafer/core';

/** How weights are kept on disk. */
export type ModelFormat = 'safetensors' | 'gguf';

/** Gate and up in one tensor: one after the other, or their rows by turns. */
export interface Fusion {
  part: 0 | 1;
  by: 'halves' | 'turns';
}

/** How a part of a layer lies in its file tensor. */
export interface PlaceForm {
  /** All experts in one tensor, expert id outermost. */
  isStacked?: true;
  fusion?: Fusion;
  /** Stored [columns, rows]. */
  isTransposed?: true;
}

/** Names of a part behind the layer's prefix; `{expert}` stands for a number. */
export interface PlaceRule extends PlaceForm {
  weight: string;
  bias?: string;
}

/** What a format calls the tensors of a family. */
export interface NameTable {
  /** Before the number of a layer. */
  layerPrefix: string;
  embed: string;
  norm: string;
  head: string;
  /** By canonical part: `q`, `experts.gate`, `router.selectionBias`; a text gets .weight, .bias. */
  parts: Readonly<Record<string, string | PlaceRule>>;
}

/** One canonical tensor in a file. */
export interface TensorPlace extends PlaceForm {
  tensor: string;
  /** Of a stacked tensor: which one, from the outermost dimension. */
  expert: number;
}

/** Where a canonical tensor lies; undefined where the family has none such. */
export function placeOf(names: NameTable, role: TensorRole): TensorPlace | undefined {
  const { layer, part, isBias, expert } = role;
  if (layer === undefined) {
    return { tensor: `${names[part as 'embed' | 'norm' | 'head']}.weight`, expert: 0 };
  }
  const rule = Object.hasOwn(names.parts, part) ? names.parts[part] : undefined;
  if (rule === undefined) return undefined;
  const { weight, bias, ...form } = typeof rule === 'string' ? ruleOf(rule) : rule;
  const name = isBias ? bias : weight;
  if (name === undefined) return undefined;
  return {
    ...(isBias ? biasForm(form) : form),
    tensor: `${names.layerPrefix}${layer}.${name.replace('{expert}', String(expert))}`,
    expert: form.isStacked ? expert! : 0,
  };
}

function ruleOf(name: string): PlaceRule {
  return { weight: `${name}.weight`, bias: `${name}.bias` };
}

/** A bias has one dimension: nothing to transpose. */
function biasForm({ isStacked, fusion }: PlaceForm): PlaceForm {
  return { ...(isStacked && { isStacked }), ...(fusion && { fusion }) };
}

// ---- what most families share

/** Names of Llama's folder, which most families took over. */
export const HF_NAMES: NameTable = {
  layerPrefix: 'model.layers.',
  embed: 'model.embed_tokens',
  norm: 'model.norm',
  head: 'lm_head',
  parts: {
    attentionNorm: 'input_layernorm',
    ffnNorm: 'post_attention_layernorm',
    q: 'self_attn.q_proj',
    k: 'self_attn.k_proj',
    v: 'self_attn.v_proj',
    o: 'self_attn.o_proj',
    queryNorm: 'self_attn.q_norm',
    keyNorm: 'self_attn.k_norm',
    gate: 'mlp.gate_proj',
    up: 'mlp.up_proj',
    down: 'mlp.down_proj',
  },
};

/** Names of GGUF, the same in all architectures but for some norms. */
export const GGUF_NAMES: NameTable = {
  layerPrefix: 'blk.',
  embed: 'token_embd',
  norm: 'output_norm',
  head: 'output',
  parts: {
    attentionNorm: 'attn_norm',
    ffnNorm: 'ffn_norm',
    q: 'attn_q',
    k: 'attn_k',
    v: 'attn_v',
    o: 'attn_output',
    queryNorm: 'attn_q_norm',
    keyNorm: 'attn_k_norm',
    sinks: 'attn_sinks',
    gate: 'ffn_gate',
    up: 'ffn_up',
    down: 'ffn_down',
    router: 'ffn_gate_inp',
    'router.selectionBias': { weight: 'exp_probs_b.bias' },
    'experts.gate': stacked('ffn_gate_exps'),
    'experts.up': stacked('ffn_up_exps'),
    'experts.down': stacked('ffn_down_exps'),
    'shared.gate': 'ffn_gate_shexp',
    'shared.up': 'ffn_up_shexp',
    'shared.down': 'ffn_down_shexp',
  },
};

/** A table with some parts named otherwise. */
export function renamed(names: NameTable, parts: NameTable['parts']): NameTable {
  return { ...names, parts: { ...names.parts, ...parts } };
}

function stacked(name: string): PlaceRule {
  return { weight: `${name}.weight`, bias: `${name}.bias`, isStacked: true };
}

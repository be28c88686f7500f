/**
 * What each format calls a tensor: canonical name → name in the file.
 *
 *     layers.3.q          model.layers.3.self_attn.q_proj.weight      blk.3.attn_q.weight
 *     layers.3.q.bias     model.layers.3.self_attn.q_proj.bias        blk.3.attn_q.bias
 */
import { assert } from '@wafer/core';

/** How weights are kept on disk. */
export type ModelFormat = 'safetensors' | 'gguf';

interface NameTable {
  layerPrefix: string;
  embed: string;
  norm: string;
  head: string;
  /** Parts of a layer, `.weight` or `.bias` follows. */
  parts: Readonly<Record<string, string>>;
}

const NAMES: Readonly<Record<ModelFormat, NameTable>> = {
  safetensors: {
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
      gate: 'mlp.gate_proj',
      up: 'mlp.up_proj',
      down: 'mlp.down_proj',
    },
  },
  gguf: {
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
      gate: 'ffn_gate',
      up: 'ffn_up',
      down: 'ffn_down',
    },
  },
};

/** The name in a file of `embed`, `norm`, `head`, `layers.N.part` or `layers.N.part.bias`. */
export function nameInFile(format: ModelFormat, canonical: string): string {
  const names = NAMES[format];
  if (canonical === 'embed' || canonical === 'norm' || canonical === 'head') {
    return `${names[canonical]}.weight`;
  }
  const [layers, layer, part = '', bias] = canonical.split('.');
  const inFile = names.parts[part];
  assert(layers === 'layers' && inFile !== undefined, 'a canonical tensor name', { canonical });
  return `${names.layerPrefix}${layer}.${inFile}.${bias ?? 'weight'}`;
}

/**
 * A random model of any family as a Hugging Face folder, made without the product's writer.
 *
 * Names, shapes and config fields are those of transformers' modeling files: which experts lie in
 * one tensor, transposed or by turns, and what a config leaves to its family.
 *
 * Source: transformers, src/transformers/models/{llama, llama4, mistral, mixtral, qwen2, qwen3,
 * qwen3_moe, gpt_oss, glm4, glm4_moe, smollm3}.
 */
import type { ExpertSpec, ModelSpec } from '@wafer/core';
import { familyConfig } from './family-config.ts';
import type { Linear, Vector } from './double-math.ts';
import type { DoubleExperts, DoubleFfn, DoubleLayer, DoubleWeights } from './double-weights.ts';

interface FolderTensor {
  name: string;
  shape: readonly number[];
  values: readonly Vector[];
}

/** The files of a model: config.json and one safetensors file. */
export function familyFolder(
  spec: ModelSpec,
  weights: DoubleWeights,
): { config: string; safetensors: Uint8Array } {
  const tensors = [
    matrix('model.embed_tokens.weight', weights.embed),
    vector('model.norm.weight', weights.norm),
    ...weights.layers.flatMap((layer, index) =>
      layerTensors(spec, layer, `model.layers.${index}.`),
    ),
  ];
  if (!spec.hasTiedEmbeddings) tensors.push(matrix('lm_head.weight', weights.head));
  return { config: JSON.stringify(familyConfig(spec)), safetensors: safetensorsOf(tensors) };
}

function layerTensors(spec: ModelSpec, layer: DoubleLayer, prefix: string): FolderTensor[] {
  const named = (name: string, x: Vector | undefined): FolderTensor[] =>
    x === undefined ? [] : [vector(`${prefix}${name}`, x)];
  return [
    ...named('input_layernorm.weight', layer.attentionNorm),
    ...named('post_attention_layernorm.weight', layer.ffnNorm),
    ...named('post_self_attn_layernorm.weight', layer.attentionPostNorm),
    ...named('post_mlp_layernorm.weight', layer.ffnPostNorm),
    ...(['q', 'k', 'v', 'o'] as const).flatMap((part) =>
      linear(`${prefix}self_attn.${part}_proj`, layer[part]),
    ),
    ...named('self_attn.q_norm.weight', layer.queryNorm),
    ...named('self_attn.k_norm.weight', layer.keyNorm),
    ...named('self_attn.sinks', layer.sinks),
    ...('experts' in layer.ffn
      ? expertTensors(spec, layer.ffn, prefix)
      : denseTensors(spec, layer.ffn, prefix)),
  ];
}

function denseTensors(spec: ModelSpec, ffn: DoubleFfn, prefix: string): FolderTensor[] {
  if (spec.family === 'llama4') return gated(`${prefix}feed_forward.`, ffn);
  if (spec.family !== 'glm4') return gated(`${prefix}mlp.`, ffn);
  return [
    matrix(`${prefix}mlp.gate_up_proj.weight`, [...ffn.gate.rows, ...ffn.up.rows]),
    ...linear(`${prefix}mlp.down_proj`, ffn.down),
  ];
}

function gated(prefix: string, ffn: DoubleFfn): FolderTensor[] {
  return [
    ...linear(`${prefix}gate_proj`, ffn.gate),
    ...linear(`${prefix}up_proj`, ffn.up),
    ...linear(`${prefix}down_proj`, ffn.down),
  ];
}

function expertTensors(spec: ModelSpec, ffn: DoubleExperts, prefix: string): FolderTensor[] {
  const { expertWidth } = spec.experts as ExpertSpec;
  switch (spec.family) {
    case 'mixtral': {
      const block = `${prefix}block_sparse_moe.`;
      return [
        ...linear(`${block}gate`, ffn.router),
        ...ffn.experts.flatMap(({ gate, up, down }, expert) => [
          ...linear(`${block}experts.${expert}.w1`, gate),
          ...linear(`${block}experts.${expert}.w2`, down),
          ...linear(`${block}experts.${expert}.w3`, up),
        ]),
      ];
    }
    case 'gpt-oss': {
      const experts = `${prefix}mlp.experts.`;
      const both = ffn.experts.map(({ gate, up }) => ({
        rows: gate.rows.flatMap((row, index) => [row, up.rows[index] as Vector]),
        bias: turns(gate.bias as Vector, up.bias as Vector),
      }));
      const downs = ffn.experts.map(({ down }) => down);
      return [
        ...linear(`${prefix}mlp.router`, ffn.router),
        transposed(`${experts}gate_up_proj`, both),
        biases(`${experts}gate_up_proj_bias`, both),
        transposed(`${experts}down_proj`, downs),
        biases(`${experts}down_proj_bias`, downs),
      ];
    }
    case 'llama4': {
      const block = `${prefix}feed_forward.`;
      const both = ffn.experts.map(({ gate, up }) => ({
        rows: [...gate.rows, ...up.rows],
        bias: undefined,
      }));
      if (both[0]?.rows.length !== 2 * expertWidth) throw new Error('gate and up of an expert');
      return [
        ...linear(`${block}router`, ffn.router),
        transposed(`${block}experts.gate_up_proj`, both),
        transposed(
          `${block}experts.down_proj`,
          ffn.experts.map(({ down }) => down),
        ),
        ...gated(`${block}shared_expert.`, ffn.shared as DoubleFfn),
      ];
    }
    default: {
      const tensors = linear(`${prefix}mlp.gate`, ffn.router);
      const { selectionBias, shared } = ffn;
      if (selectionBias) {
        tensors.push(vector(`${prefix}mlp.gate.e_score_correction_bias`, selectionBias));
      }
      if (shared) tensors.push(...gated(`${prefix}mlp.shared_experts.`, shared));
      ffn.experts.forEach((expert, index) =>
        tensors.push(...gated(`${prefix}mlp.experts.${index}.`, expert)),
      );
      return tensors;
    }
  }
}

// ---- tensors

function linear(name: string, { rows, bias }: Linear): FolderTensor[] {
  const weight = matrix(`${name}.weight`, rows);
  return bias ? [weight, vector(`${name}.bias`, bias)] : [weight];
}

function matrix(name: string, rows: readonly Vector[]): FolderTensor {
  return { name, shape: [rows.length, (rows[0] as Vector).length], values: rows };
}

function vector(name: string, x: Vector): FolderTensor {
  return { name, shape: [x.length], values: [x] };
}

/** Experts as [E, inputs, outputs]. */
function transposed(name: string, experts: readonly Linear[]): FolderTensor {
  const [first] = experts as [Linear];
  const inputs = (first.rows[0] as Vector).length;
  const values = experts.flatMap(({ rows }) =>
    Array.from({ length: inputs }, (_, input) =>
      Float64Array.from(rows, (row) => row[input] as number),
    ),
  );
  return { name, shape: [experts.length, inputs, first.rows.length], values };
}

function biases(name: string, experts: readonly Linear[]): FolderTensor {
  const values = experts.map(({ bias }) => bias as Vector);
  return { name, shape: [values.length, (values[0] as Vector).length], values };
}

function turns(first: Vector, second: Vector): Vector {
  return Float64Array.from(
    { length: 2 * first.length },
    (_, index) => (index % 2 === 0 ? first : second)[index >> 1] as number,
  );
}

/** Length of the header, header as JSON, numbers as f32. */
function safetensorsOf(tensors: readonly FolderTensor[]): Uint8Array {
  const blobs = tensors.map(({ values }) =>
    Buffer.from(Float32Array.from(values.flatMap((row) => Array.from(row))).buffer),
  );
  let offset = 0;
  const entries = tensors.map(({ name, shape }, index) => {
    const start = offset;
    offset += (blobs[index] as Buffer).length;
    return [name, { dtype: 'F32', shape, data_offsets: [start, offset] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.from(BigUint64Array.of(BigInt(header.length)).buffer);
  return Buffer.concat([length, header, ...blobs]);
}

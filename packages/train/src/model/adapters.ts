/**
 * Low-rank adapters of a run: their first values, merged weights, and PEFT's files.
 *
 * A comes from the seed, B begins at 0: so a run begins with the bits of its base.
 *
 * Source: Hu et al. 2021 (LoRA); PEFT's adapter_model.safetensors.
 */
import { join } from 'node:path';
import { FFN_MATRICES, WaferError } from '@wafer/core';
import { folderLayout, makeFolder } from '@wafer/models';
import type { ModelSpec } from '@wafer/core';
import type { TrainRun } from '../engine/run.ts';
import { fillUniform } from '../generator.ts';
import type { AdapterSettings } from '../network/program.ts';
import { bytesOf, writeBytes } from './weights.ts';

/** Matrices that can be adapted, and what PEFT calls them. */
const MODULES: Readonly<Record<string, string>> = {
  q: 'self_attn.q_proj',
  k: 'self_attn.k_proj',
  v: 'self_attn.v_proj',
  o: 'self_attn.o_proj',
  gate: 'mlp.gate_proj',
  up: 'mlp.up_proj',
  down: 'mlp.down_proj',
};

/** What layers of experts have one of each expert. */
const OF_EXPERTS: ReadonlySet<string> = new Set(FFN_MATRICES);

/** What is adapted unless said: all matrices; of a model with experts those of attention. */
export function defaultTargets({ experts }: ModelSpec): string[] {
  const all = Object.keys(MODULES);
  return experts === undefined ? all : all.filter((kind) => !OF_EXPERTS.has(kind));
}

/** Checks what is asked. Throws: TRAIN_OPTION, TRAIN_UNSUPPORTED. */
export function checkAdapters(settings: AdapterSettings, spec: ModelSpec): AdapterSettings {
  const { rank, alpha, targets, dropout = 0 } = settings;
  const refuse = (option: string, value: unknown, expected: string): WaferError =>
    new WaferError('TRAIN_OPTION', { option, value, expected });
  if (!Number.isSafeInteger(rank) || rank < 1) throw refuse('loraRank', rank, 'a rank from 1 on');
  if (!(alpha > 0 && alpha < Infinity)) throw refuse('loraAlpha', alpha, 'a number above 0');
  if (!(dropout >= 0 && dropout < 1)) {
    throw refuse('loraDropout', dropout, 'a share from 0 to below 1');
  }
  const strange = targets.find((target) => !Object.hasOwn(MODULES, target));
  const isTwice = new Set(targets).size < targets.length;
  if (strange !== undefined || isTwice || targets.length === 0) {
    throw refuse('loraTargets', targets.join(','), `some of ${Object.keys(MODULES).join(',')}`);
  }
  if (spec.experts !== undefined && targets.some((target) => OF_EXPERTS.has(target))) {
    const hint = 'adapt attention alone: targets q,k,v,o';
    throw new WaferError('TRAIN_UNSUPPORTED', { what: 'adapters of experts', hint });
  }
  if (spec.rope.layout !== folderLayout(spec)) {
    const hint = 'export the model to a folder of safetensors first';
    throw new WaferError('TRAIN_UNSUPPORTED', { what: 'adapters of a GGUF file', hint });
  }
  return settings;
}

/** First values: A within ±1 / √inputs out of the seed, B zeros. */
export function fillAdapters(run: TrainRun, seed: number): void {
  for (const { a, b, index } of run.program.adapters) {
    const range = 1 / Math.sqrt(a.columns);
    fillUniform(run.tensor('weights', a.name), { seed, tensor: index, a: range });
    run.tensor('weights', b.name).fill(0);
  }
}

/** Weights by name with adapters merged in: W + scale · B A, summed in f64, rounded once. */
export function mergedWeights(run: TrainRun): (name: string) => Float32Array {
  const adapters = new Map(run.program.adapters.map((one) => [one.target.name, one]));
  return (name) => {
    const weights = run.tensor('weights', name);
    const adapter = adapters.get(name);
    if (adapter === undefined) return weights;
    const { a, b, scale } = adapter;
    const [low, high] = [run.tensor('weights', a.name), run.tensor('weights', b.name)];
    const { rows: rank, columns } = a;
    return weights.map((value, i) => {
      const [n, k] = [Math.floor(i / columns), i % columns];
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += high[n * rank + r]! * low[r * columns + k]!;
      return value + scale * sum;
    });
  };
}

/** Writes `adapter_model.safetensors` and `adapter_config.json`. Throws: OUTPUT_FAILED. */
export function writePeft(
  run: TrainRun,
  folder: string,
  use: { base: string; settings: AdapterSettings },
): void {
  const { base, settings } = use;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const { target, a, b } of run.program.adapters) {
    const module = `base_model.model.model.layers.${target.layer}.${MODULES[target.kind]}`;
    for (const [part, tensor] of [['A', a] as const, ['B', b] as const]) {
      const bytes = bytesOf(run.tensor('weights', tensor.name));
      const shape = [tensor.rows, tensor.columns];
      const data_offsets = [end, end + bytes.length];
      header[`${module}.lora_${part}.weight`] = { dtype: 'F32', shape, data_offsets };
      parts.push(bytes);
      end += bytes.length;
    }
  }
  const json = JSON.stringify(header);
  const text = json.padEnd(Math.ceil(json.length / 8) * 8);
  const head = new Uint8Array(8 + text.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(text.length), true);
  head.set(new TextEncoder().encode(text), 8);
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: base,
    r: settings.rank,
    lora_alpha: settings.alpha,
    lora_dropout: settings.dropout ?? 0,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    target_modules: settings.targets.map((target) => MODULES[target]!.split('.')[1]),
  };
  makeFolder(folder);
  writeBytes(join(folder, 'adapter_model.safetensors'), [head, ...parts]);
  const lines = Buffer.from(`${JSON.stringify(config, null, 2)}\n`);
  writeBytes(join(folder, 'adapter_config.json'), [lines]);
}

/**
 * `wafer init PATH`: writes a small model with random weights, to try things out on.
 */
import { readFileSync, statSync } from 'node:fs';
import { Option } from 'commander';
import type { Command } from 'commander';
import { formatBytes, formatCount, WEIGHT_TYPE_NAMES, WEIGHT_TYPES, reasonOf } from '@wafer/core';
import type { ModelSpec, WeightType } from '@wafer/core';
import { FAMILY_NAMES, isGgufType, SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import type { Model } from '@wafer/runtime';
import { UsageError } from '../failures/failures.ts';
import { describeModel } from '../texts/model-summary.ts';
import type { ModelSummary } from '../texts/model-summary.ts';
import { readCount, readWhole } from '../flags/option-values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { checkHolds, formatOf, writeNamed } from '../models/written-model.ts';

interface InitFlags {
  shape?: string;
  family?: string;
  layers?: number;
  width?: number;
  dtype: WeightType;
  seed: number;
  format?: 'safetensors' | 'gguf';
  force?: true;
  shards?: number;
  chatTemplate?: string;
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer init ./tiny
  wafer init ./tiny.gguf --dtype q8_0
  wafer init ./experts --family qwen3-moe --dtype bf16 --layers 8
  wafer init ./wide.gguf --family glm4 --dtype q4_k --width 768
  wafer init ./small --shape 15m --dtype f16 --shards 2 --seed 7`;

export function addInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .summary('write a model with random weights')
    .description('Writes a model with random weights, as a folder of safetensors or a GGUF file.')
    .argument('<path>', 'a new folder, or a file that ends in .gguf')
    .addOption(
      new Option('--shape <name>', 'size of the model (default: tiny)').choices(
        Object.keys(SYNTHETIC_SPECS),
      ),
    )
    .addOption(
      new Option('--family <name>', 'a tiny model that uses all that the family does')
        .choices(FAMILY_NAMES)
        .conflicts('shape'),
    )
    .option(
      '--layers <n>',
      "layers, as the shape's repeat (default: those of the shape)",
      readCount,
    )
    .option('--width <n>', "a multiple of the shape's: all widths grow alike", readCount)
    .addOption(
      new Option('--dtype <type>', 'type of the weights; types with blocks need GGUF')
        .choices(WEIGHT_TYPE_NAMES.filter(isGgufType))
        .default('f32'),
    )
    .option('--seed <n>', 'of the weights', readWhole, 0)
    .addOption(
      new Option('--format <format>', 'of the files (default: what the path says)').choices([
        'safetensors',
        'gguf',
      ]),
    )
    .option('--shards <n>', 'files of weights (default: 1)', readCount)
    .option('--chat-template <file>', 'Jinja template to put into the model')
    .option('--json', 'print one JSON object')
    .option('--force', 'write over what is there')
    .addHelpText('after', EXAMPLES)
    .action((path: string, flags: InitFlags) => init(path, flags, terminal));
}

async function init(path: string, flags: InitFlags, terminal: Terminal): Promise<void> {
  const { dtype, seed, shards } = flags;
  const shape = flags.family ?? flags.shape ?? 'tiny';
  const format = flags.format ?? formatOf(path);
  const isPacked = shape === 'gpt-oss' && dtype === 'mxfp4';
  if (!isPacked) checkHolds(format, dtype);
  const model = withTemplate(makeModel(shape, flags), flags.chatTemplate);
  const target = { model, format, path, type: dtype, shards, force: flags.force };
  const { path: first } = writeNamed(target, terminal);
  const written = await openModel(first);
  const { parameterCount, weightBytes, weights } = describeModel(written);
  const files = statSync(first).isDirectory() ? 'folder' : 'file';
  const isMixed = isPacked && format === 'safetensors';
  const others = isMixed ? ' and bf16' : otherTypes(dtype, weights);
  if (flags.json) {
    const header = { path: first, format, shape, type: dtype, seed };
    return terminal.writeJson({ ...header, parameterCount, weightBytes, weights });
  }
  await terminal.writeLines([
    `wrote ${files} ${first}: ${shape}, ${formatCount(parameterCount)} parameters, ` +
      `${formatBytes(weightBytes)} of ${dtype}${others}, seed ${seed}`,
  ]);
}

/** A synthetic model of the shape, as deep and as wide as asked. */
function makeModel(shape: string, { dtype, seed, layers, width }: InitFlags): Model {
  const name = `synthetic:${shape}:${dtype}:${seed}`;
  const spec = SYNTHETIC_SPECS[shape];
  if (spec === undefined) throw new UsageError(`no shape ${shape}`);
  const { layerCount, modelWidth } = spec;
  const factor = (width ?? modelWidth) / modelWidth;
  if (!Number.isInteger(factor)) {
    throw new UsageError(`--width ${width} is no multiple of ${modelWidth}, the width of ${shape}`);
  }
  const deep = { ...widened(spec, factor), layerCount: layers ?? layerCount };
  return syntheticModel({ name, spec: deep, type: dtype, seed });
}

/** The spec with all widths times a factor, those of heads included. */
function widened(spec: ModelSpec, factor: number): ModelSpec {
  const { rope, experts } = spec;
  return {
    ...spec,
    modelWidth: spec.modelWidth * factor,
    headWidth: spec.headWidth * factor,
    ffnWidth: spec.ffnWidth * factor,
    rope: { ...rope, rotaryWidth: rope.rotaryWidth * factor },
    experts: experts && {
      ...experts,
      expertWidth: experts.expertWidth * factor,
      sharedWidth: experts.sharedWidth * factor,
    },
  };
}

/** What matrices are stored as whose inputs are no whole blocks of the type. */
function otherTypes(dtype: WeightType, weights: ModelSummary['weights']): string {
  const others = weights.filter(({ type }) => type !== dtype && type !== 'f32');
  if (others.length === 0) return '';
  const counts = others.map(({ type, tensorCount }) => `${tensorCount} as ${type}`).join(', ');
  const { blockColumns } = WEIGHT_TYPES[dtype];
  return ` (matrices whose inputs are no multiple of ${blockColumns}: ${counts})`;
}

/** The model with a chat template from a file. */
function withTemplate(model: Model, path: string | undefined): Model {
  if (path === undefined || model.tokenizer === undefined) return model;
  let template: string;
  try {
    template = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--chat-template ${path}: ${reasonOf(error)}`, { cause: error });
  }
  const { tokenizerJson, tokenizerConfig } = model.tokenizer;
  const config = { ...(tokenizerConfig as object), chat_template: template };
  return { ...model, tokenizer: { tokenizerJson, tokenizerConfig: config } };
}

/**
 * `wafer inspect MODEL`: what a model is, without reading its weights.
 */
import type { Command } from 'commander';
import { fieldLines } from '@wafer/bench/common';
import { formatBytes, formatCount, plural } from '@wafer/core';
import { openNamedModel } from '../models/named-model.ts';
import { describeModel } from '../texts/model-summary.ts';
import type { ModelSummary } from '../texts/model-summary.ts';
import { networkLines } from '../texts/network-text.ts';
import type { Terminal } from '../terminal/terminal.ts';

const EXAMPLES = `
Examples:
  wafer inspect ./model
  wafer inspect ./model.gguf --json`;

export function addInspect(program: Command, terminal: Terminal): void {
  program
    .command('inspect')
    .alias('show')
    .summary('show what a model is')
    .description('Shows the shape, weights and tokenizer of a model.')
    .argument('<model>', 'folder, .gguf file, name or synthetic:15m')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((model: string, flags: { json?: true }) => inspect(model, flags, terminal));
}

async function inspect(name: string, flags: { json?: true }, terminal: Terminal): Promise<void> {
  const summary = describeModel(await openNamedModel(name));
  if (flags.json) return terminal.writeJson(summary);
  return terminal.writeLines(fieldLines(fieldsOf(summary)));
}

function fieldsOf(summary: ModelSummary): [string, string][] {
  const { spec, weights, tokenizer, special } = summary;
  const { rope, biases } = spec;
  const heads =
    spec.kvHeadCount === spec.headCount
      ? `${spec.headCount} heads of ${spec.headWidth}`
      : `${spec.headCount} heads of ${spec.headWidth}, ${spec.kvHeadCount} KV heads`;
  const biased = Object.entries(biases).flatMap(([name, isOn]) => (isOn ? [name] : []));
  const scaling = rope.scaling.kind === 'none' ? '' : `, ${rope.scaling.kind} scaling`;
  return [
    ['model', summary.model],
    ['family', spec.family],
    ['layers', `${spec.layerCount}, width ${spec.modelWidth}, ffn ${spec.ffnWidth}`],
    ['attention', heads],
    ['context', plural(spec.contextMax, 'token')],
    ['rope', `theta ${spec.rope.theta}, ${rope.layout}, ${rope.rotaryWidth} wide${scaling}`],
    ...networkLines(spec),
    ['norm', `epsilon ${spec.normEpsilon}`],
    ['biases', biased.length > 0 ? biased.join(', ') : 'none'],
    ['head', spec.hasTiedEmbeddings ? 'tied to the embedding' : 'of its own'],
    ['parameters', formatCount(summary.parameterCount)],
    ...weights.map(({ type, tensorCount, bytes }): [string, string] => [
      `  ${type}`,
      `${plural(tensorCount, 'tensor')}, ${formatBytes(bytes)}`,
    ]),
    ['vocabulary', plural(spec.vocabCount, 'token')],
    [
      'tokenizer',
      tokenizer ? `${tokenizer.kind}, ${plural(tokenizer.tokenCount, 'token')}` : 'none',
    ],
    ['begin token', beginText(special)],
    ['end tokens', special.ends.length > 0 ? special.ends.join(', ') : 'none'],
  ];
}

function beginText({ begin, addBegin }: ModelSummary['special']): string {
  if (begin === null) return 'none';
  return `${begin}, ${addBegin ? 'put before a text' : 'not put before a text'}`;
}

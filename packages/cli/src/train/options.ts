/**
 * The options of `wafer train`, as commander reads them into `TrainFlags`.
 */
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { LINK_KINDS } from '@wafer/runtime/internal';
import { readCount, readGrid, readNumber, readWhole } from '../flags/option-values.ts';

/** Adds all of them but `--json`. */
export function addTrainOptions(command: Command): void {
  addInputs(command);
  addSettings(command);
  addPlaces(command);
}

function addInputs(command: Command): void {
  command
    .option('--data <file...>', 'a .u16 or .u32 token file, or .txt and .jsonl, also .gz')
    .option('--valid <file>', 'data to measure the loss on')
    .option('--out <dir>', 'a new folder: the trained model, and checkpoints')
    .option('--resume <dir>', 'go on from the last checkpoint of an earlier --out')
    .option('--tokenizer <model>', 'whose tokenizer a new model takes')
    .option('--separator <text>', 'what stands between documents of .txt')
    .option('--layers <n>', 'of a new model', readCount)
    .option('--width <n>', 'of a new model', readCount)
    .option('--heads <n>', 'of a new model', readCount)
    .option('--kv-heads <n>', 'of a new model (default: heads)', readCount)
    .option('--ffn <n>', 'hidden width of a new model (default: 8/3 of the width)', readCount)
    .option('--vocab <n>', 'of a new model', readCount)
    .option('--experts <n>', 'of each layer of a new model, --ffn wide each', readCount)
    .option('--experts-per-token <n>', 'that a token meets (default: 2)', readCount)
    .option('--untied', 'give a new model a head of its own');
}

function addSettings(command: Command): void {
  command
    .option('--steps <n>', 'how many steps (default: 1000)', readCount)
    .option('--time <time>', 'leave after this time, as 30m or 2h, with a checkpoint', readMinutes)
    .option('--batch <n>', 'rows of a microbatch (default: 8)', readCount)
    .option('--context <n>', 'tokens of a row (default: 256)', readCount)
    .option('--accumulate <n>', 'microbatches of a step (default: 1)', readCount)
    .option('--lr <rate>', 'learning rate (default: 0.001)', readNumber)
    .option('--min-lr <rate>', 'where it ends (default: a tenth)', readNumber)
    .option('--warmup <n>', 'steps of linear warm-up (default: 100)', readWhole)
    .addOption(
      new Option('--schedule <kind>', 'of the rate (default: cosine)').choices([
        'constant',
        'cosine',
        'wsd',
      ]),
    )
    .option('--decay-steps <n>', 'wsd: steps of the fall at the end', readWhole)
    .addOption(
      new Option('--optimizer <kind>', 'what steps (default: adamw)').choices([
        'adamw',
        'muon',
        'sgd',
      ]),
    )
    .option('--momentum <x>', 'of sgd and muon (default: 0.95)', readNumber)
    .option('--weight-decay <x>', 'of matrices (default: 0.1)', readNumber)
    .option('--beta1 <x>', 'of adamw (default: 0.9)', readNumber)
    .option('--beta2 <x>', 'of adamw (default: 0.99)', readNumber)
    .option('--eps <x>', 'of adamw (default: 1e-8)', readNumber)
    .option('--clip <x>', 'largest norm of the gradients; 0: any (default: 1)', readNumber)
    .option('--z-loss <x>', 'what squared log-sum-exps count (default: 0)', readNumber)
    .option('--balance-loss <x>', 'what even experts count (default: the model says)', readNumber)
    .addOption(
      new Option('--order <order>', 'of rows (default: shuffled)').choices([
        'shuffled',
        'sequential',
      ]),
    )
    .option('--seed <n>', 'of order, first weights, adapters and dropout (default: 1)', readWhole)
    .addOption(
      new Option('--weights <type>', 'as rows read matrices, kept in f32 (default: f32)').choices([
        'f32',
        'bf16',
      ]),
    )
    .option('--lora-rank <n>', 'train low-rank adapters alone', readCount)
    .option('--lora-alpha <x>', 'adapters count alpha / rank (default: twice the rank)', readNumber)
    .option(
      '--lora-targets <kinds>',
      'of q,k,v,o,gate,up,down, experts.gate …, shared.gate … (default: all but of experts)',
      readKinds,
    )
    .option('--lora-dropout <share>', 'of their inputs that a step drops (default: 0)', readNumber)
    .option('--dpo', 'data are preferences; --batch counts pairs')
    .option('--dpo-beta <x>', 'how much the margin of a pair counts (default: 0.1)', readNumber);
}

function addPlaces(command: Command): void {
  command
    .option('--grid <WxH>', 'tiles of a replica (default: 1x1)', readGrid)
    .option('--stages <n>', 'bands of layers', readCount)
    .option('--replicas <n>', 'that share the rows (default: one a core)', readCount)
    .option('--recompute', "make a layer's values anew on the way back: less memory")
    .option('--chips <n>', 'share stages and replicas out among chips', readCount)
    .addOption(new Option('--link <kind>', 'what joins chips (default: port)').choices(LINK_KINDS))
    .option('--checkpoint-every <n>', 'steps; 0: at the end alone', readWhole, 500)
    .option('--keep <n>', 'checkpoints to keep', readCount, 3)
    .option('--valid-every <n>', 'steps; 0: at the end alone', readWhole, 0)
    .option('--samples <n>', 'texts on the page of the run (default: 3; with --json 0)', readWhole)
    .option('--revectorize', "use V8's 256-bit vectors (x64)")
    .option('--force', 'train although --out exists');
}

function readKinds(text: string): string[] {
  return text.split(',').map((kind) => kind.trim());
}

/** Seconds, of `90s`, `30m`, `2h`. */
function readMinutes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smh])$/.exec(text);
  if (!match) throw new InvalidArgumentError('Expected a time, as 90s, 30m or 2h.');
  return Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2] as 's' | 'm' | 'h'];
}

/**
 * `wafer train [MODEL]`: trains a model further, or a new one from its shape.
 */
import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { fieldLines } from '@wafer/bench/common';
import { formatBytes, formatCount, WaferError } from '@wafer/core';
import { enableRevectorization } from '@wafer/kernels';
import { LINK_KINDS } from '@wafer/runtime/internal';
import type { PairFigures, Trainer, TrainStep } from '@wafer/train';
import type { Interrupted } from '../failures.ts';
import { readCount, readGrid, readNumber, readWhole } from '../option-values.ts';
import { takeSignals, throwIfSignaled } from '../signals.ts';
import type { Terminal } from '../terminal.ts';
import { cutFields } from '../train-cut.ts';
import type { TrainFlags } from '../train-flags.ts';
import { openTraining } from '../train-job.ts';
import type { OpenTraining } from '../train-job.ts';
import { readLog, STEPS_FILE, TrainLog } from '../train-log.ts';
import { TrainRecord } from '../train-record.ts';
import { factsOf, promptsOf, samplesOf, writeReport } from '../train-report.ts';
import type { RunReport } from '../train-report.ts';
import { saveFields, TrainSaves } from '../train-saves.ts';

const EXAMPLES = `
Examples:
  wafer train ./model --data tokens.u16 --out ./trained --steps 200
  wafer train --layers 6 --width 192 --heads 6 --vocab 4096 --data tokens.u16 --out ./new
  wafer train --layers 4 --width 128 --heads 4 --experts 8 --experts-per-token 2 --ffn 128 \\
    --vocab 4096 --data tokens.u16 --out ./mixture
  wafer train stories --data more.txt --separator "<|endoftext|>" --out ./further
  wafer train ./model --data pairs.jsonl --dpo --lr 1e-5 --lora-rank 16 --out ./preferred
  wafer train --resume ./trained
  wafer train --resume ./trained --steps 4000
  wafer train ./model --data tokens.u16 --out ./cut --stages 2 --chips 2 --link unix

A checkpoint is kept every --checkpoint-every steps; Ctrl-C makes one and leaves. At the end
report.html in --out says how it went. Weights do not depend on grid, stages, replicas, chips or
recomputation.`;

export function addTrain(program: Command, terminal: Terminal): void {
  const command = program
    .command('train')
    .summary('train a model, further or from scratch')
    .description('Trains a model further, or a new one of a given shape.')
    .argument('[model]', 'folder, .gguf file or name; none: a new one, see --layers');
  addInputs(command);
  addSettings(command);
  addPlaces(command);
  command
    .option('--json', 'print one line of JSON a step')
    .addHelpText('after', EXAMPLES)
    .action((model: string | undefined, flags: TrainFlags) => train(model, flags, terminal));
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
    .addOption(new Option('--schedule <kind>').choices(['constant', 'cosine', 'wsd']))
    .option('--decay-steps <n>', 'wsd: steps of the fall at the end', readWhole)
    .addOption(new Option('--optimizer <kind>').choices(['adamw', 'muon', 'sgd']))
    .option('--momentum <x>', 'of sgd and muon (default: 0.95)', readNumber)
    .option('--weight-decay <x>', 'of matrices (default: 0.1)', readNumber)
    .option('--beta1 <x>', 'of adamw (default: 0.9)', readNumber)
    .option('--beta2 <x>', 'of adamw (default: 0.99)', readNumber)
    .option('--eps <x>', 'of adamw (default: 1e-8)', readNumber)
    .option('--clip <x>', 'largest norm of the gradients; 0: any (default: 1)', readNumber)
    .option('--z-loss <x>', 'what squared log-sum-exps count (default: 0)', readNumber)
    .option('--balance-loss <x>', 'what even experts count (default: the model says)', readNumber)
    .addOption(new Option('--order <order>', 'of rows').choices(['shuffled', 'sequential']))
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
      'of q,k,v,o,gate,up,down (default: all but of experts)',
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

async function train(
  name: string | undefined,
  flags: TrainFlags,
  terminal: Terminal,
): Promise<void> {
  if (flags.revectorize) enableRevectorization();
  const open = await openTraining(name, flags, (line) => terminal.say(`wafer: ${line}`));
  const { trainer, out } = open;
  const log = new TrainLog(join(out, STEPS_FILE), trainer.step);
  let report: Report;
  try {
    report = await trainUntilEnd(open, flags, { terminal, log });
  } finally {
    log.close();
    await trainer.close();
  }
  const { prompts, ...parts } = report;
  const samples = await samplesOf(out, prompts, terminal);
  const lines = readLog(join(out, STEPS_FILE));
  await writeReport(join(out, REPORT), { ...parts, lines, samples });
}

const REPORT = 'report.html';
/** Texts on the page. */
const SAMPLES = 3;

type Report = Omit<RunReport, 'samples' | 'lines'> & { prompts: number[][] };

/** All steps, and the model; what the page will say. Throws: Interrupted. */
async function trainUntilEnd(
  open: OpenTraining,
  flags: TrainFlags,
  { terminal, log }: { terminal: Terminal; log: TrainLog },
): Promise<Report> {
  const { trainer, out } = open;
  const record = new TrainRecord(trainer, log);
  const saves = new TrainSaves(open, flags, record);
  let asked: Interrupted | undefined;
  // The second signal ends the process; the first lets the step end and a checkpoint be written.
  using _signals = takeSignals((reason) => {
    const isSecond = asked !== undefined;
    if (!isSecond)
      terminal.say(`wafer: ${reason.kind}; this step ends, and a checkpoint is written`);
    asked = reason;
    return isSecond;
  });
  try {
    // Nothing is lost yet: a signal stops the first one.
    if (flags.checkpointEvery > 0 && trainer.step === 0) await saves.now(throwIfSignaled);
    await trainer.prepare((rows, rowCount) => {
      throwIfSignaled();
      if (terminal.isWatched) terminal.sayInPlace(`references ${rows}/${rowCount}`);
    });
    await runSteps(open, flags, { terminal, record, saves, isAsked: () => asked !== undefined });
    if (asked !== undefined) throw asked;
  } catch (error) {
    if (isOfChips(error)) terminal.say(`wafer: wafer train --resume ${out} goes on`);
    throw error;
  } finally {
    await saves.close();
  }
  const rows = saveFields(saves.times, record.allMs);
  return reportOf(open, flags, rows);
}

async function reportOf(
  { trainer, saved }: OpenTraining,
  flags: TrainFlags,
  rows: RunReport['facts'],
): Promise<Report> {
  const { cutCostOf } = await import('@wafer/bench/train-page');
  const data: [string, string] = ['data', saved.data.join(', ')];
  const separator: [string, string] = ['separator', JSON.stringify(saved.separator) ?? 'none'];
  const hash: [string, string] = ['weights, SHA-256', trainer.hashes().weights];
  // Whoever reads lines looks at no page, unless asked for.
  const { samples = flags.json ? 0 : SAMPLES } = flags;
  return {
    model: saved.model ?? trainer.job.model.name,
    bytesIfCut: cutCostOf(trainer.run, trainer.job.shape).bytes,
    facts: factsOf(trainer, [data, separator, ...rows, hash]),
    prompts: promptsOf(trainer, samples),
  };
}

/** Whether a chip or its link is gone, and nothing else is wrong. */
function isOfChips(error: unknown): boolean {
  return error instanceof WaferError && ['CHIP_DIED', 'LINK_BROKEN'].includes(error.code);
}

interface Use {
  terminal: Terminal;
  record: TrainRecord;
  saves: TrainSaves;
  isAsked: () => boolean;
}

async function runSteps(open: OpenTraining, flags: TrainFlags, use: Use): Promise<void> {
  const { trainer, out } = open;
  const { terminal, record, saves } = use;
  let last: TrainStep | undefined;
  let skipped = 0;
  let isLeaving = false;
  while (!trainer.isDone && !isLeaving) {
    last = await trainer.next();
    if (last.isSkipped) skipped++;
    await tellStep(last, { trainer, flags, terminal, record });
    isLeaving = use.isAsked() || record.allMs / 1000 > (flags.time ?? Infinity);
    const isDue = flags.checkpointEvery > 0 && last.step % flags.checkpointEvery === 0;
    if (isLeaving || trainer.isDone) await saves.now();
    else if (isDue) await saves.begin();
    else saves.check();
    if (flags.validEvery > 0 && last.step % flags.validEvery === 0) {
      await tellLoss(trainer, { flags, terminal, record });
    }
    // Signals come between steps, and while the checkpoint before is waited for.
    await new Promise((resolve) => setImmediate(resolve));
    if (isLeaving || trainer.isDone || !use.isAsked()) continue;
    isLeaving = true;
    await (isDue ? saves.settle() : saves.now());
  }
  if (use.isAsked()) return;
  await trainer.gather();
  trainer.writeModel(out);
  await tellLoss(trainer, { flags, terminal, record });
  const { times } = saves;
  record.mark(times);
  record.sync();
  const { cut } = record;
  if (flags.json) {
    if (times !== undefined) {
      await terminal.writeJson({ step: trainer.step, checkpoints: times });
    }
    if (cut !== undefined) await terminal.writeJson({ step: trainer.step, cut });
    return;
  }
  const tokens = record.steps * trainer.tokensOfStep;
  const rate = formatCount(Math.round((tokens * 1000) / record.allMs));
  await terminal.writeLines(
    fieldLines([
      ['steps', `${formatCount(trainer.step)}${skipped > 0 ? `, ${skipped} skipped` : ''}`],
      ['loss', last === undefined ? 'none' : `${last.loss.toFixed(4)}${pairText(last.pairs)}`],
      ['tokens', `${formatCount(tokens)}, ${rate}/s`],
      ['memory', memoryText(trainer, saves)],
      ...saveFields(times, record.allMs),
      ['weights', trainer.hashes().weights.slice(0, 16)],
      ...cutFields(cut),
      ['model', out],
      ['page', join(out, REPORT)],
    ]),
  );
}

/** What is planned for a run, the copy for checkpoints included. */
function memoryText({ memoryBytes }: Trainer, { bytes }: TrainSaves): string {
  const copy = bytes > 0 ? `, ${formatBytes(bytes)} of it a copy for checkpoints` : '';
  return `${formatBytes(memoryBytes + bytes)}${copy}`;
}

async function tellStep(
  told: TrainStep,
  use: { trainer: Trainer; flags: TrainFlags; terminal: Terminal; record: TrainRecord },
): Promise<void> {
  const { trainer, flags, terminal, record } = use;
  const { step, loss, pairs } = told;
  const line = record.step(told);
  if (flags.json) return terminal.writeJson(line);
  const { steps } = trainer.job.settings;
  const rate = (record.steps * 1000) / record.allMs;
  const tokens = formatCount(Math.round(rate * trainer.tokensOfStep));
  const left = Math.round((steps - step) / rate);
  const done = `step ${step}/${steps} · loss ${loss.toFixed(4)}`;
  const { cutBytes } = line;
  const cut = typeof cutBytes === 'number' ? ` · ${formatBytes(cutBytes)} over the cut` : '';
  // A narrow terminal shows the beginning alone.
  const text = `${done} · ${timeText(left)} left · ${tokens} tokens/s${cut}${pairText(pairs)}`;
  if (terminal.isWatched) terminal.sayInPlace(text);
  else if (step % Math.max(1, Math.floor(steps / 20)) === 0) terminal.say(text);
}

async function tellLoss(
  trainer: Trainer,
  { flags, terminal, record }: { flags: TrainFlags; terminal: Terminal; record: TrainRecord },
): Promise<void> {
  const pairs = await trainer.validatePairs();
  const validLoss = pairs?.loss ?? (await trainer.validate());
  if (validLoss === undefined) return;
  const line = record.valid(validLoss, pairs);
  if (flags.json) await terminal.writeJson(line);
  else {
    const said = `step ${trainer.step}: validation loss ${validLoss.toFixed(4)}`;
    terminal.say(`${said}${pairText(pairs)}`);
  }
}

/** What a line says of pairs. */
function pairText(pairs: PairFigures | undefined): string {
  if (pairs === undefined) return '';
  const right = `${(100 * pairs.accuracy).toFixed(0)} % of pairs right`;
  return ` · margin ${pairs.margin.toFixed(4)} · ${right}`;
}

/** A time to wait for, in the units that it is felt in. */
function timeText(seconds: number): string {
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
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

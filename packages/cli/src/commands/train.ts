/**
 * `wafer train [MODEL]`: trains a model further, or a new one from its shape.
 */
import { join } from 'node:path';
import type { Command } from 'commander';
import { WaferError } from '@wafer/core';
import { enableRevectorization } from '@wafer/kernels';
import type { TrainStep } from '@wafer/train';
import type { Interrupted } from '../failures/failures.ts';
import { takeSignals, throwIfSignaled } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { TrainFlags } from '../train/flags.ts';
import { openTraining } from '../train/job.ts';
import type { OpenTraining } from '../train/job.ts';
import { readLog, STEPS_FILE, TrainLog } from '../train/log.ts';
import { addTrainOptions } from '../train/options.ts';
import { TrainRecord } from '../train/record.ts';
import { factsOf, promptsOf, REPORT_FILE, samplesOf, writeReport } from '../train/report.ts';
import type { RunReport } from '../train/report.ts';
import { saveFields, TrainSaves } from '../train/saves.ts';
import { tellEnd, tellLoss, tellStep } from '../train/told.ts';
import type { TellUse } from '../train/told.ts';

const EXAMPLES = `
Examples:
  wafer train ./model --data tokens.u16 --out ./trained --steps 200
  wafer train --layers 6 --width 192 --heads 6 --vocab 4096 --data tokens.u16 --out ./new
  wafer train --layers 4 --width 128 --heads 4 --experts 8 --vocab 4096 --data a.u16 --out ./mix
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
  addTrainOptions(command);
  command
    .option('--json', 'print one line of JSON a step')
    .addHelpText('after', EXAMPLES)
    .action((model: string | undefined, flags: TrainFlags) => train(model, flags, terminal));
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
  await writeReport(join(out, REPORT_FILE), { ...parts, lines, samples });
}

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
    const isAsked = (): boolean => asked !== undefined;
    await runSteps({ trainer, out, flags, terminal, record, saves, isAsked });
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

/** A run under way. */
interface Run extends TellUse {
  out: string;
  saves: TrainSaves;
  /** Whether a signal asks for its end. */
  isAsked: () => boolean;
}

async function runSteps(run: Run): Promise<void> {
  const { trainer, out, flags, record, saves, isAsked } = run;
  let last: TrainStep | undefined;
  let skipped = 0;
  let isLeaving = false;
  while (!trainer.isDone && !isLeaving) {
    last = await trainer.next();
    if (last.isSkipped) skipped++;
    await tellStep(last, run);
    isLeaving = isAsked() || record.allMs / 1000 > (flags.time ?? Infinity);
    const isDue = flags.checkpointEvery > 0 && last.step % flags.checkpointEvery === 0;
    if (isLeaving || trainer.isDone) await saves.now();
    else if (isDue) await saves.begin();
    else saves.check();
    if (flags.validEvery > 0 && last.step % flags.validEvery === 0) await tellLoss(run);
    // Signals come between steps, and while the checkpoint before is waited for.
    await new Promise((resolve) => setImmediate(resolve));
    if (isLeaving || trainer.isDone || !isAsked()) continue;
    isLeaving = true;
    await (isDue ? saves.settle() : saves.now());
  }
  if (isAsked()) return;
  await trainer.gather();
  trainer.writeModel(out);
  await tellLoss(run);
  record.mark(saves.times);
  record.sync();
  await tellEnd({ last, skipped }, run);
}

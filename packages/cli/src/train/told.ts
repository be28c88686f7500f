/**
 * What `wafer train` says while it runs: a line a step, losses, and what all took.
 */
import { join } from 'node:path';
import { fieldLines } from '@wafer/bench/common';
import { formatBytes, formatCount } from '@wafer/core';
import type { PairFigures, Trainer, TrainStep } from '@wafer/train';
import type { Terminal } from '../terminal/terminal.ts';
import { cutFields } from './cut.ts';
import type { TrainFlags } from './flags.ts';
import type { TrainRecord } from './record.ts';
import { REPORT_FILE } from './report.ts';
import { saveFields } from './saves.ts';
import type { TrainSaves } from './saves.ts';

/** Whose run is told of, and where. */
export interface TellUse {
  trainer: Trainer;
  flags: TrainFlags;
  terminal: Terminal;
  record: TrainRecord;
}

/** A line of a step: of JSON, in place, or now and then. */
export async function tellStep(told: TrainStep, use: TellUse): Promise<void> {
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

/** Measures on the validation data, if there are some, and says it. */
export async function tellLoss({ trainer, flags, terminal, record }: TellUse): Promise<void> {
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

/** What a whole run took, and where its model lies. */
export async function tellEnd(
  { last, skipped }: { last: TrainStep | undefined; skipped: number },
  use: TellUse & { out: string; saves: TrainSaves },
): Promise<void> {
  const { trainer, out, flags, terminal, record, saves } = use;
  const { times } = saves;
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
      ['page', join(out, REPORT_FILE)],
    ]),
  );
}

/** What is planned for a run, the copy for checkpoints included. */
function memoryText({ memoryBytes }: Trainer, { bytes }: TrainSaves): string {
  const copy = bytes > 0 ? `, ${formatBytes(bytes)} of it a copy for checkpoints` : '';
  return `${formatBytes(memoryBytes + bytes)}${copy}`;
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

/**
 * The page at the end of a training run: curves out of its log, samples out of its model.
 */
import { writeFileSync } from 'node:fs';
import type { PageSample, PageTimes, PageTraffic, TrainPage } from '@wafer/bench/train-page';
import { formatCount, isObject, plural, reasonOf, WaferError } from '@wafer/core';
import { openModel } from '@wafer/models';
import type { Model } from '@wafer/models';
import { createTokenizer } from '@wafer/text';
import type { Trainer } from '@wafer/train';
import { startWafer } from '../terminal/session.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { LogLine } from './log.ts';
import type { ProcessRecord } from './record.ts';

/** The page, beside the model. */
export const REPORT_FILE = 'report.html';

/** What a page is made of, of a run that may be closed by now. */
export interface RunReport {
  model: string;
  lines: readonly LogLine[];
  bytesIfCut: number;
  facts: TrainPage['facts'];
  samples: readonly PageSample[];
}

/** Writes the page. Throws: OUTPUT_FAILED. */
export async function writeReport(path: string, parts: RunReport): Promise<void> {
  // A page loads more than all the rest.
  const { describeSetting, trainPage } = await import('@wafer/bench/train-page');
  const { lines, ...rest } = parts;
  const processes = processesOf(lines);
  const html = trainPage({
    ...rest,
    steps: lines.filter((line): line is LogLine & TrainPage['steps'][number] => 'loss' in line),
    valid: lines.filter(
      (line): line is LogLine & TrainPage['valid'][number] => 'validLoss' in line,
    ),
    times: timesOf(processes),
    traffic: trafficOf(processes),
    setting: describeSetting(),
  });
  try {
    writeFileSync(path, html);
  } catch (error) {
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) });
  }
}

/** The last word of each process. */
function processesOf(lines: readonly LogLine[]): (ProcessRecord & { until: number })[] {
  const found = new Map<number, ProcessRecord & { until: number }>();
  for (const { step, process } of lines) {
    if (!isObject(process)) continue;
    const record = process as unknown as ProcessRecord;
    found.set(record.begunAt, { ...record, until: step });
  }
  return [...found.values()];
}

/** Processes whose stages have bars of their own. */
const PROCESSES_SHOWN = 8;

function timesOf(processes: readonly (ProcessRecord & { until: number })[]): PageTimes[] {
  return processes.slice(-PROCESSES_SHOWN).flatMap(({ begunAt, until, allMs, times }) =>
    times.map(({ replica, stage, ...spent }): PageTimes => {
      const steps = `steps ${formatCount(begunAt + 1)} to ${formatCount(until)}`;
      return { name: `${steps}, replica ${replica}, stage ${stage}`, allMs, ...spent };
    }),
  );
}

/** All that went over each cut, whichever process sent it. */
function trafficOf(processes: readonly ProcessRecord[]): PageTraffic[] {
  const pairs = new Map<string, PageTraffic>();
  for (const { source, target, ...counts } of processes.flatMap(({ cut }) => cut?.pairs ?? [])) {
    const none = { source, target, messages: 0, payloadBytes: 0, overheadBytes: 0 };
    const pair = pairs.get(`${source} ${target}`) ?? none;
    pairs.set(`${source} ${target}`, {
      ...{ source, target, messages: pair.messages + counts.messages },
      payloadBytes: pair.payloadBytes + counts.payloadBytes,
      overheadBytes: pair.overheadBytes + counts.overheadBytes,
    });
  }
  return [...pairs.values()];
}

const PROMPT_TOKENS = 8;
const PROMPT_TOKENS_MAX = 64;

/**
 * Beginnings of some documents of the data: what does not count, as of a chat, else the first few
 * tokens. None where texts cannot be read.
 */
export function promptsOf({ job }: Trainer, count: number): number[][] {
  const { data, model } = job;
  if (model.tokenizer === undefined) return [];
  const { starts = new Uint32Array(1), counts } = data;
  const chosen = new Set(
    Array.from({ length: count }, (_, i) => Math.floor((i * starts.length) / count)),
  );
  return [...chosen].map((document) => {
    const start = starts[document]!;
    const end = starts[document + 1] ?? data.count;
    const first = counts?.indexOf(1, start) ?? -1;
    const asked = first > start && first < end ? first - start : PROMPT_TOKENS;
    const most = Math.min(PROMPT_TOKENS_MAX, model.spec.contextMax - 1);
    const ids = new Uint32Array(Math.min(asked, most, end - start));
    data.read(start, ids);
    return [...ids];
  });
}

const SAMPLE_TOKENS = 64;

/** How the model of a folder goes on with prompts. Throws: Interrupted. */
export async function samplesOf(
  folder: string,
  prompts: readonly number[][],
  terminal: Terminal,
): Promise<PageSample[]> {
  if (prompts.length === 0) return [];
  using watch = watchSignals();
  const { signal } = watch;
  try {
    const model: Model = await openModel(folder);
    const tokenizer = createTokenizer(model.tokenizer!, model.name);
    const action = 'loading the model, for texts on the page';
    const wafer = await startWafer({ model, signal }, { terminal, signal, action });
    try {
      const samples: PageSample[] = [];
      for (const prompt of prompts) {
        let text = '';
        const asked = { maxTokens: SAMPLE_TOKENS, temperature: 0, signal };
        for await (const piece of wafer.generate(prompt, asked)) text += piece.text;
        samples.push({ prompt: tokenizer.decode(prompt), text });
      }
      return samples;
    } finally {
      await wafer.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WaferError)) throw error;
    terminal.say(`wafer: the page has no samples: ${error.message}`);
    return [];
  }
}

/** A rate without what binary fractions add. */
function short(rate: number): string {
  return String(Number(rate.toPrecision(4)));
}

/** Settings and results of a run as rows of a table. */
export function factsOf(trainer: Trainer, more: TrainPage['facts']): TrainPage['facts'] {
  const { settings, shape, cut, adapters, model, isNew } = trainer.job;
  const { optimizer, schedule, preference } = settings;
  const { replicas, stages, tiles, recompute } = shape;
  const parameters = trainer.run.program.tensors.reduce(
    (sum, { rows, columns }) => sum + rows * columns,
    0,
  );
  const facts = {
    weights:
      `${formatCount(parameters)}${isNew ? ', from the seed' : ''}` +
      `${settings.weights === 'bf16' ? ', matrices read in bf16' : ''}`,
    layers: `${model.spec.layerCount} of ${model.spec.modelWidth}, ${model.spec.family}`,
    steps: `${formatCount(trainer.step)} of ${formatCount(settings.steps)}`,
    rows:
      `${settings.batch} × ${settings.accumulate} of ${plural(settings.context, 'token')}` +
      `${preference ? ', twice: pairs' : ''}, ${settings.order}`,
    rate:
      `${schedule.kind}, ${short(schedule.lr)} to ${short(schedule.minLr)}, ` +
      `warm-up of ${plural(schedule.warmup, 'step')}` +
      `${schedule.kind === 'wsd' ? `, fall of the last ${schedule.decaySteps}` : ''}`,
    optimizer:
      `${optimizer.kind}, decay ${optimizer.weightDecay}, betas ${optimizer.beta1} and ` +
      `${optimizer.beta2}, eps ${optimizer.eps}, momentum ${optimizer.momentum}, ` +
      `clip ${settings.clip}`,
    'beside the loss': `z-loss ${settings.zLoss ?? 0}, balance loss ${trainer.balanceLoss}`,
    seed: String(settings.seed),
    adapters: adapters
      ? `rank ${adapters.rank}, alpha ${adapters.alpha}, dropout ${adapters.dropout ?? 0}, ` +
        `of ${adapters.targets.join(', ')}`
      : 'none: all weights are trained',
    preferences: preference ? `DPO, beta ${preference.beta}` : 'none',
    'who computes':
      `${plural(replicas, 'replica')} of ${plural(stages, 'stage')} of ${plural(tiles, 'tile')}` +
      `${recompute ? ', layers made anew' : ''}` +
      `${cut ? `, ${plural(cut.chips, 'chip')} over ${cut.link}` : ''}`,
  };
  return [...Object.entries(facts), ...more];
}

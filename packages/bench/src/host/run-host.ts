/**
 * `wafer bench host`: this host as a machine, against what its wafers really take.
 *
 * Figures and rows are measured in turns, round by round, so that whoever else uses the machine
 * slows both; a clock takes the medians of the figures and is held against the row's median.
 */
import { append } from '@wafer/core';
import type { Model, WaferOptions } from '@wafer/runtime';
import type { HostFigures, HostTime } from '@wafer/timing';
import type { BenchTask } from '../cut/bench-row.ts';
import { MEASURED_LINKS } from '../cut/measured-links.ts';
import type { StartWafer } from '../cut/wall-part.ts';
import { describeSetting } from '../machine.ts';
import type { Setting } from '../machine.ts';
import { heldWeightBytes } from '../speed/model-cost.ts';
import { mediansOf } from './medians.ts';
import { spreadOf, turnsOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import { measureTiny, tinyFigures } from './host-figures.ts';
import type { Pair, TinyRows, TinyTimes } from './host-figures.ts';
import { HostKernels } from './host-kernels.ts';
import type { KernelFigures } from './host-kernels.ts';
import { HostRow } from './host-row.ts';
import type { HostRowName, HostTimes } from './host-row.ts';
import { HostReads } from './host-reads.ts';
import type { ReadFigures } from './host-reads.ts';

export interface HostBench {
  /** Judged, by name. */
  models: readonly { name: string; model: Model }[];
  /** Sets the figures that kernels do not show. */
  tiny: Model;
  tiles: readonly number[];
  /** Names of links; each is a row beside the whole wafer. */
  links: readonly string[];
  /** Short samples, which show only that it works. */
  isQuick: boolean;
  rounds: number;
  promptTokens: number;
  maxTokens: number;
  start: StartWafer;
  signal: AbortSignal;
  say: (text: string) => void;
}

/** A row: what was told over what was measured, and what the told time is made of. */
export interface HostJudgment extends HostRowName {
  work: 'prefill' | 'decode';
  measuredMs: Spread;
  toldMs: number;
  /** Told over the median that was measured. */
  ratio: number;
  parts: Omit<HostTime, 'stepNs'>;
}

export interface HostReport {
  setting: Setting;
  rounds: number;
  rows: HostJudgment[];
  /** Medians over rounds, of each row. */
  figures: (HostRowName & { figures: HostFigures })[];
}

/** Measures figures and rows, and judges. Throws: what starting and generating throw. */
export async function runHost(options: HostBench): Promise<HostReport> {
  const report: HostReport = {
    setting: describeSetting(),
    rounds: options.rounds,
    rows: [],
    figures: [],
  };
  await using stack = new AsyncDisposableStack();
  const { promptTokens, maxTokens } = options;
  const sizes = { promptTokens, contextTokens: promptTokens + maxTokens };
  const tiny = await openTiny(options, stack);
  const tinyKernels = new HostKernels({ model: options.tiny, ...sizes });
  for (const one of options.models) {
    const kernels = new HostKernels({ model: one.model, ...sizes });
    await using reads = await HostReads.open(heldWeightBytes(one.model), options);
    for (const tiles of options.tiles) {
      options.say(`${one.name} on ${tiles} tiles`);
      await judgeGrid(report, { ...options, ...one, tiles, tiny, tinyKernels, kernels, reads });
    }
  }
  return report;
}

interface GridUse extends Omit<HostBench, 'tiles' | 'tiny'> {
  name: string;
  model: Model;
  tiles: number;
  tiny: TinyRows;
  tinyKernels: HostKernels;
  kernels: HostKernels;
  reads: HostReads;
}

async function judgeGrid(report: HostReport, use: GridUse): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const rows: HostRow[] = [];
  for (const link of linksOf(use.tiles, use.links)) {
    const name = { model: use.name, tiles: use.tiles, link: link.name };
    const given = { ...gridOptions(use.tiles), ...link.options };
    const row = await HostRow.open(name, { ...use, task: taskOf(use, use.model), options: given });
    stack.use(row.wafer);
    rows.push(row);
  }
  const times = new Map<HostRow, HostTimes[]>(rows.map((row) => [row, []]));
  const rounds: Round[] = [];
  for (let round = 0; round < use.rounds; round++) {
    use.signal.throwIfAborted();
    rounds.push({
      reads: await use.reads.sample(),
      tinyKernels: use.tinyKernels.sample(),
      kernels: use.kernels.sample(),
      tiny: await measureTiny(use.tiny),
    });
    for (const row of turnsOf(rows, round)) times.get(row)!.push(await row.measure());
  }
  const { reads, tinyKernels, kernels, tiny } = mediansOf(rounds);
  // The tiny model lies in caches that cores do not share, and stays there.
  const near = { sharedRate: 1, coldBytesPerNs: tinyKernels.attention.bytesPerNs };
  const found = tinyFigures(use.tiny, tiny, { ...tinyKernels, ...reads, ...near });
  for (const [row, measured] of times) {
    const figures = { ...found[row.name.link]!, ...kernels, ...reads };
    report.figures.push({ ...row.name, figures });
    append(report.rows, judgmentsOf(row, figures, measured));
  }
}

interface Round {
  reads: ReadFigures;
  tinyKernels: KernelFigures;
  kernels: KernelFigures;
  tiny: TinyTimes;
}

function judgmentsOf(
  row: HostRow,
  figures: HostFigures,
  measured: readonly HostTimes[],
): HostJudgment[] {
  const decode = { work: 'decode', told: row.tellDecode(figures), of: 'decodeMs' } as const;
  const prefill = { work: 'prefill', told: row.tellPrefill(figures), of: 'prefillMs' } as const;
  return [decode, prefill].map(({ work, told, of }) => {
    const { stepNs, ...parts } = told;
    const measuredMs = spreadOf(measured.map((times) => times[of]));
    const toldMs = stepNs / 1e6;
    return { ...row.name, work, measuredMs, toldMs, ratio: toldMs / measuredMs.median, parts };
  });
}

interface NamedLink {
  name: string;
  options: Partial<WaferOptions>;
}

/** The whole wafer, and where there are tiles to part, each link. */
function linksOf(tiles: number, names: readonly string[]): NamedLink[] {
  const whole: NamedLink = { name: 'none', options: {} };
  if (tiles === 1) return [whole];
  const dice = tiles % 2 === 0 ? '2x1' : 'x1';
  const wanted = MEASURED_LINKS.filter(({ name }) => names.includes(name));
  const cut = wanted.map(({ name, options }) => ({ name, options: { ...options, dice } }));
  return [whole, ...cut];
}

function gridOptions(tiles: number): Partial<WaferOptions> {
  return { grid: `${tiles}x1`, recordSteps: false, reusePrefixes: false };
}

function taskOf(
  { promptTokens, maxTokens, signal }: Pick<HostBench, 'promptTokens' | 'maxTokens' | 'signal'>,
  { spec }: Model,
): BenchTask {
  const prompt = Array.from({ length: promptTokens }, (_, i) => (i * 7919 + 257) % spec.vocabCount);
  return { prompt, maxTokens, signal };
}

async function openTiny(options: HostBench, stack: AsyncDisposableStack): Promise<TinyRows> {
  const { tiny: model } = options;
  const open = async (tiles: number, link: NamedLink): Promise<HostRow> => {
    const given = { ...gridOptions(tiles), ...link.options };
    const name = { model: model.name, tiles, link: link.name };
    const row = await HostRow.open(name, {
      ...options,
      model,
      task: taskOf(options, model),
      options: given,
    });
    stack.use(row.wafer);
    return row;
  };
  const whole: NamedLink = { name: 'none', options: {} };
  const one = await open(1, whole);
  const fours = linksOf(4, options.links);
  const pairs: Record<string, Pair<HostRow>> = {};
  for (const [i, link] of linksOf(2, options.links).entries()) {
    pairs[link.name] = { two: await open(2, link), four: await open(4, fours[i]!) };
  }
  return { one, pairs };
}

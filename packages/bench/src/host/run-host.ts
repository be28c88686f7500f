/**
 * `wafer bench host`: this host as a machine, against what its wafers really take.
 *
 * Figures and rows are measured in turns, round by round, so that whoever else uses the machine
 * slows both. Each round is judged by its own figures; a row tells the median of its rounds, and
 * how far they were apart.
 */
import { availableParallelism } from 'node:os';
import { append, assert, F32_BYTES } from '@wafer/core';
import { SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
import type { Model, WaferOptions } from '@wafer/runtime';
import { prepareModel } from '@wafer/runtime/internal';
import { shapeWork } from '@wafer/timing';
import type { HostFigures, HostTime, KernelTime } from '@wafer/timing';
import type { BenchTask } from '../cut/bench-row.ts';
import { MEASURED_LINKS } from '../cut/measured-links.ts';
import type { StartWafer } from '../cut/wall-part.ts';
import { describeSetting } from '../machine.ts';
import type { Setting } from '../machine.ts';
import { quantilesOf, timeAt } from './quantiles.ts';
import { spreadOf, turnsOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import { measureSmall, smallFigures } from './host-figures.ts';
import type { SmallWafers } from './host-figures.ts';
import { HostKernels } from './host-kernels.ts';
import { HostRow, hostSteps } from './host-row.ts';
import type { HostRowName, HostTimes } from './host-row.ts';
import { HostTrips } from './host-trips.ts';
import type { TripTimes } from './host-trips.ts';
import { spinNs as measureSpin } from './spin.ts';

export interface HostBench {
  /** Judged, by name. */
  models: readonly { name: string; model: Model }[];
  tiles: readonly number[];
  /** Names of links; each is a row beside the whole wafer. */
  links: readonly string[];
  /** Short samples, which show only that it works. */
  isQuick: boolean;
  rounds: number;
  /** Of all times, of figures as of rows: 0.5, or less on a machine that is never left alone. */
  quantile: number;
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
  /** By the figures of all rounds. */
  toldMs: number;
  /** Told over what was measured in all rounds. */
  ratio: number;
  /** Told by each round's own figures over what was measured in it. */
  ratioByRound: Spread;
  parts: Omit<HostTime, 'stepNs'>;
}

export interface HostReport {
  setting: Setting;
  rounds: number;
  quantile: number;
  rows: HostJudgment[];
  /** Of all rounds, by row. */
  figures: (HostRowName & { figures: HostFigures })[];
}

/** Measures figures and rows, and judges. Throws: what starting and generating throw. */
export async function runHost(options: HostBench): Promise<HostReport> {
  const { rounds, quantile, maxTokens } = options;
  assert(maxTokens >= 2, 'an answer has a token after its first', { maxTokens });
  const setting = describeSetting();
  const report: HostReport = { setting, rounds, quantile, rows: [], figures: [] };
  await using stack = new AsyncDisposableStack();
  const small = await SmallBench.open(options, stack);
  for (const one of options.models) {
    for (const tiles of options.tiles) {
      options.say(`${one.name} on ${tiles} tiles`);
      await judgeGrid(report, { ...options, ...one, tiles, small });
    }
  }
  return report;
}

interface GridUse extends Omit<HostBench, 'tiles'> {
  name: string;
  model: Model;
  tiles: number;
  small: SmallBench;
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
  const kernels = stack.use(await openKernels(use, [{ model: use.model, tiles: use.tiles }]));
  const rounds: Round[] = [];
  for (let i = 0; i < use.rounds; i++) {
    use.signal.throwIfAborted();
    const small = await use.small.measure();
    const own = await kernels.sample();
    const times = new Map<HostRow, HostTimes>();
    for (const row of turnsOf(rows, i)) times.set(row, await row.measure(use.quantile));
    rounds.push({ small, kernels: own, times: rows.map((row) => times.get(row)!) });
  }
  const told = figuresOf(use.small, quantilesOf(rounds, use.quantile));
  const byRound = rounds.map((round) => figuresOf(use.small, round));
  for (const [i, row] of rows.entries()) {
    const { link } = row.name;
    report.figures.push({ ...row.name, figures: told[link]! });
    const judged = rounds.map(({ times }, round) => ({
      measured: times[i]!,
      figures: byRound[round]![link]!,
    }));
    append(report.rows, judgmentsOf(row, judged, { figures: told[link]!, quantile: use.quantile }));
  }
}

/** What one round found; of rows in their order. */
interface Round {
  small: SmallTimes;
  kernels: KernelTime[];
  times: HostTimes[];
}

/** By link. */
function figuresOf(
  small: SmallBench,
  { small: times, kernels }: Round,
): Readonly<Record<string, HostFigures>> {
  const found = Object.entries(small.figures(times));
  return Object.fromEntries(found.map(([link, figures]) => [link, { ...figures, kernels }]));
}

interface JudgedRound {
  figures: HostFigures;
  measured: HostTimes;
}

function judgmentsOf(
  row: HostRow,
  rounds: readonly JudgedRound[],
  { figures, quantile }: { figures: HostFigures; quantile: number },
): HostJudgment[] {
  const works = [
    { work: 'decode', tell: (by: HostFigures) => row.tellDecode(by), of: 'decodeMs' },
    { work: 'prefill', tell: (by: HostFigures) => row.tellPrefill(by), of: 'prefillMs' },
  ] as const;
  return works.map(({ work, tell, of }) => {
    const { stepNs, ...parts } = tell(figures);
    const measured = rounds.map((round) => round.measured[of]);
    const ratios = rounds.map((round, i) => tell(round.figures).stepNs / 1e6 / measured[i]!);
    const toldMs = stepNs / 1e6;
    return {
      ...row.name,
      work,
      measuredMs: spreadOf(measured),
      toldMs,
      ratio: toldMs / timeAt(measured, quantile),
      ratioByRound: spreadOf(ratios),
      parts,
    };
  });
}

// ---- small wafers

const [SHALLOW_LAYERS, DEEP_LAYERS] = [2, 16];

/** So little to compute that messages and turns take most of the time; holds what is asked. */
function smallModel(
  layerCount: number,
  { promptTokens, maxTokens }: Pick<HostBench, 'promptTokens' | 'maxTokens'>,
): Model {
  const tiny = SYNTHETIC_SPECS['tiny']!;
  const contextMax = Math.max(tiny.contextMax, promptTokens + maxTokens);
  const spec = { ...tiny, layerCount, contextMax };
  return syntheticModel({ name: `${layerCount} small layers`, spec, type: 'f32', seed: 0 });
}

/** The wafers and threads that figures come from. */
class SmallBench {
  readonly #rows: SmallWafers<HostRow>;
  readonly #kernels: HostKernels;
  readonly #trips: HostTrips;
  readonly #quantile: number;

  private constructor(
    rows: SmallWafers<HostRow>,
    parts: { kernels: HostKernels; trips: HostTrips; quantile: number },
  ) {
    this.#rows = rows;
    this.#kernels = parts.kernels;
    this.#trips = parts.trips;
    this.#quantile = parts.quantile;
  }

  static async open(options: HostBench, stack: AsyncDisposableStack): Promise<SmallBench> {
    const shallow = smallModel(SHALLOW_LAYERS, options);
    const deep = smallModel(DEEP_LAYERS, options);
    const open = async (model: Model, tiles: number, link: NamedLink): Promise<HostRow> => {
      const given = { ...gridOptions(tiles), ...link.options };
      const name = { model: model.name, tiles, link: link.name };
      const task = taskOf(options, model);
      const row = await HostRow.open(name, { ...options, model, task, options: given });
      stack.use(row.wafer);
      return row;
    };
    const [whole, ...cuts] = linksOf(2, options.links);
    const one = { shallow: await open(shallow, 1, whole!), deep: await open(deep, 1, whole!) };
    const pairs: Record<string, HostRow> = {};
    if (options.tiles.some((tiles) => tiles > 1)) {
      for (const link of [whole!, ...cuts]) pairs[link.name] = await open(deep, 2, link);
    }
    const asked = [
      { model: shallow, tiles: 1 },
      { model: deep, tiles: 1 },
      { model: deep, tiles: 2 },
    ];
    const kernels = stack.use(await openKernels(options, asked));
    const { isQuick, quantile } = options;
    const trips = stack.use(await HostTrips.open({ cores: availableParallelism(), isQuick }));
    return new SmallBench({ ...one, pairs }, { kernels, trips, quantile });
  }

  /** Times of this moment. */
  async measure(): Promise<SmallTimes> {
    const trips = await this.#trips.sample();
    const kernels = await this.#kernels.sample();
    const wafers = await measureSmall(this.#rows, this.#quantile);
    return { trips, kernels, spinNs: measureSpin(), wafers };
  }

  /** Figures from such times, by link. */
  figures({ trips, kernels, spinNs, wafers }: SmallTimes): Readonly<Record<string, HostFigures>> {
    const { wakeNs, handoverNsPerByte } = trips;
    const rates = { rowBytesPerNs: rowRate(kernels), handoverBytesPerNs: 1 / handoverNsPerByte };
    const cores = availableParallelism();
    return smallFigures(this.#rows, wafers, { ...rates, cores, wakeNs, spinNs, kernels });
  }
}

/** What small wafers and trips take. */
interface SmallTimes {
  trips: TripTimes;
  kernels: KernelTime[];
  spinNs: number;
  wafers: SmallWafers<HostTimes>;
}

/** Bytes a second of the longest norms, read and written. */
function rowRate(kernels: readonly KernelTime[]): number {
  let [rate, most] = [1, 0];
  for (const { shape, aloneNs } of kernels) {
    if (shape.op !== 'norm' || shapeWork(shape) <= most) continue;
    most = shapeWork(shape);
    rate = (2 * F32_BYTES * most) / aloneNs;
  }
  return rate;
}

function openKernels(
  options: Pick<HostBench, 'promptTokens' | 'maxTokens' | 'isQuick' | 'quantile'>,
  asked: readonly { model: Model; tiles: number }[],
): Promise<HostKernels> {
  const prepared = asked.map(({ model, tiles }) => prepareModel(model, gridOptions(tiles)));
  const plans = prepared.map(({ plan }) => plan);
  // A chunk depends on neither the model nor its tiles.
  const { decode, prefill } = hostSteps(options, prepared[0]!.options);
  const { isQuick, quantile } = options;
  return HostKernels.open({ plans, steps: [decode, ...prefill], isQuick, quantile });
}

// ---- what is asked of wafers

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

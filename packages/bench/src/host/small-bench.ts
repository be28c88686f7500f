/**
 * The small wafers of `wafer bench host`, and what else figures of this host come from.
 */
import { availableParallelism } from 'node:os';
import { F32_BYTES } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import { SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
import type { Model } from '@wafer/runtime';
import { shapeWork } from '@wafer/timing';
import type { HostFigures, KernelTime } from '@wafer/timing';
import { gridOptions, linksOf, openKernels, taskOf } from './asked.ts';
import type { HostBench, NamedLink } from './asked.ts';
import { measureSmall, smallFigures } from './host-figures.ts';
import type { SmallWafers } from './host-figures.ts';
import type { HostKernels } from './host-kernels.ts';
import { HostRow } from './host-row.ts';
import type { HostTimes } from './host-row.ts';
import { HostTrips } from './host-trips.ts';
import type { TripTimes } from './host-trips.ts';
import { spinNs as measureSpin } from './spin.ts';

export type Small = 'shallow' | 'deep' | 'wide' | 'broad';

/** What there is little of beside what a figure is of: layers, messages, bytes, or weights. */
interface SmallShape {
  layers: number;
  type: WeightType;
  width?: number;
  ffn?: number;
  vocabulary?: number;
}

const SMALL: Readonly<Record<Small, SmallShape>> = {
  shallow: { layers: 2, type: 'f32' },
  deep: { layers: 16, type: 'f32' },
  broad: { layers: 8, type: 'f32', width: 256, ffn: 2048 },
  wide: { layers: 2, type: 'q8_0', width: 256, vocabulary: 32_000 },
};

/** So little to compute that messages and turns take most of the time; holds what is asked. */
export function smallModel(
  name: Small,
  { promptTokens, maxTokens }: Pick<HostBench, 'promptTokens' | 'maxTokens'>,
): Model {
  const tiny = SYNTHETIC_SPECS['tiny']!;
  const { layers: layerCount, width = tiny.modelWidth, vocabulary, type, ffn } = SMALL[name];
  const headCount = width / tiny.headWidth;
  const spec = {
    ...{ ...tiny, layerCount, headCount, modelWidth: width },
    ...{ kvHeadCount: headCount / 2, ffnWidth: ffn ?? Math.max(tiny.ffnWidth, width) },
    vocabCount: vocabulary ?? tiny.vocabCount,
    contextMax: Math.max(tiny.contextMax, promptTokens + maxTokens),
  };
  return syntheticModel({ name, spec, type, seed: 0 });
}

/** The wafers and threads that figures come from. */
export class SmallBench {
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
    const models: Record<Small, Model> = {
      shallow: smallModel('shallow', options),
      deep: smallModel('deep', options),
      wide: smallModel('wide', options),
      broad: smallModel('broad', options),
    };
    const open = async (small: Small, tiles: number, link: NamedLink): Promise<HostRow> => {
      const model = models[small];
      const given = { ...gridOptions(tiles), ...link.options };
      const name = { model: model.name, tiles, link: link.name };
      const task = taskOf(options, model);
      const row = await HostRow.open(name, { ...options, model, task, options: given });
      stack.use(row.wafer);
      return row;
    };
    const [whole, ...links] = linksOf(2, options.links);
    const one = {
      shallow: await open('shallow', 1, whole!),
      deep: await open('deep', 1, whole!),
    };
    const openCut = async (link: NamedLink): Promise<SmallWafers<HostRow>['cuts'][string]> => ({
      deep: await open('deep', 2, link),
      wide: await open('wide', 2, link),
      broad: await open('broad', 2, link),
    });
    const hasPairs = options.tiles.some((tiles) => tiles > 1);
    const pair = hasPairs
      ? { shallow: await open('shallow', 2, whole!), ...(await openCut(whole!)) }
      : undefined;
    const cuts: Record<string, SmallWafers<HostRow>['cuts'][string]> = {};
    for (const link of hasPairs ? links : []) cuts[link.name] = await openCut(link);
    const asked = [
      { model: models.shallow, tiles: 1 },
      { model: models.deep, tiles: 1 },
      { model: models.shallow, tiles: 2 },
      { model: models.deep, tiles: 2 },
      { model: models.wide, tiles: 2 },
      { model: models.broad, tiles: 2 },
    ];
    const kernels = stack.use(await openKernels(options, asked));
    const { isQuick, quantile } = options;
    const trips = stack.use(await HostTrips.open({ cores: availableParallelism(), isQuick }));
    return new SmallBench({ ...one, pair, cuts }, { kernels, trips, quantile });
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
    const known = { ...rates, cores: availableParallelism(), wakeNs, spinNs, kernels };
    return smallFigures(this.#rows, wafers, known);
  }
}

/** What small wafers and trips take. */
export interface SmallTimes {
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

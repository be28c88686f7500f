/**
 * What `wafer bench host` is asked, and what it asks of wafers and kernels for it.
 */
import type { Model, WaferOptions } from '@wafer/runtime';
import { prepareModel } from '@wafer/runtime/internal';
import type { BenchTask } from '../cut/bench-row.ts';
import { MEASURED_LINKS } from '../cut/measured-links.ts';
import type { StartWafer } from '../cut/wall-part.ts';
import { HostKernels } from './host-kernels.ts';
import { hostSteps } from './told-row.ts';

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

/** A link, or `none`, and what a wafer is started with for it. */
export interface NamedLink {
  name: string;
  options: Partial<WaferOptions>;
}

/** The whole wafer, and where there are tiles to part, each link. */
export function linksOf(tiles: number, names: readonly string[]): NamedLink[] {
  const whole: NamedLink = { name: 'none', options: {} };
  if (tiles === 1) return [whole];
  const dice = tiles % 2 === 0 ? '2x1' : 'x1';
  const wanted = MEASURED_LINKS.filter(({ name }) => names.includes(name));
  const cut = wanted.map(({ name, options }) => ({ name, options: { ...options, dice } }));
  return [whole, ...cut];
}

/** A row of tiles, that starts every prompt anew. */
export function gridOptions(tiles: number): Partial<WaferOptions> {
  return { grid: `${tiles}x1`, recordSteps: false, reusePrefixes: false };
}

/** The question, whatever it means. */
export function taskOf(
  { promptTokens, maxTokens, signal }: Pick<HostBench, 'promptTokens' | 'maxTokens' | 'signal'>,
  { spec }: Model,
): BenchTask {
  const prompt = Array.from({ length: promptTokens }, (_, i) => (i * 7919 + 257) % spec.vocabCount);
  return { prompt, maxTokens, signal };
}

/** The threads that time the kernels of some models on so many tiles. */
export function openKernels(
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

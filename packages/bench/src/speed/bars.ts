/**
 * The bars that the project measures itself against, beside what a run found.
 *
 * A bar that a run has no rows for is left out. Ratios are medians of ratios round by round, a
 * peer's rows being those of its better number of threads. Reported, never asserted.
 */
import { maxOf, plural, WEIGHT_TYPE_NAMES } from '@wafer/core';
import { isGgufType } from '@wafer/models';
import { medianOf, ratioByRound } from '../statistics.ts';
import type { PeerName } from './speed-options.ts';
import type { MeasuredCeiling, SpeedGroup, SpeedRow } from './speed-row.ts';
import type { SpeedTask } from '../task/speed-task.ts';

export interface BarRow {
  what: string;
  /** In `unit`. */
  wafer: number;
  /** What it is compared with, and its value. */
  against: string;
  other: number;
  ratio: number;
  bar: number;
  /** Whether the ratio is to be at most the bar, not at least. */
  isAtMost: boolean;
  isMet: boolean;
  unit: string;
}

type Size = '260K' | '15M' | '110M' | 'MoE';
type Type = SpeedGroup['type'];
type Picker = (task: SpeedTask) => boolean;

const SIZES: Readonly<Record<string, Size>> = {
  '5x64': '260K',
  '6x288': '15M',
  '12x768': '110M',
  '6x512': 'MoE',
};
const MEMORY_EXTRA_BYTES = 150e6;

const decodeOf =
  (sequences: number): Picker =>
  (task) =>
    task.kind === 'decode' && task.sequences === sequences;
const prefillOf =
  (count: number): Picker =>
  (task) =>
    task.kind === 'prefill' && task.promptTokens === count;

const embedOf =
  (count: number): Picker =>
  (task) =>
    task.kind === 'embed' && task.texts === count;

/** A bar against peers: size, type, task, vectors, peers, ratio. */
type PeerBar = [string, Size, Type, Picker, boolean, readonly PeerName[], number];

const ALL: readonly PeerName[] = ['llama-cpp', 'onnx'];
const LLAMA: readonly PeerName[] = ['llama-cpp'];
/** Types that files of peers hold. */
const PEER_TYPES: readonly Type[] = WEIGHT_TYPE_NAMES.filter(isGgufType);
/** Decode of one sequence: the bars of types that have another one than 1. */
const DECODE_BARS: Readonly<Partial<Record<Type, number>>> = {
  ...{ f32: 1.15, f16: 1.1, bf16: 1.2, q8_0: 1.4 },
  ...{ iq4_nl: 0.9, iq4_xs: 0.9 },
};
/** Types whose decode is reported without a bar. */
const NO_DECODE_BAR: readonly Type[] = ['q2_k', 'q3_k', 'q5_k'];

const PEER_BARS: readonly PeerBar[] = [
  ...PEER_TYPES.filter((type) => !NO_DECODE_BAR.includes(type)).map((type): PeerBar => {
    return ['decode 1', '110M', type, decodeOf(1), true, LLAMA, DECODE_BARS[type] ?? 1];
  }),
  // Prefill is to be no slower than the peer's, f32 apart.
  ...PEER_TYPES.filter((type) => type !== 'f32').map((type): PeerBar => {
    return ['prefill 512', '110M', type, prefillOf(512), true, LLAMA, 1];
  }),
  ['decode 1', 'MoE', 'f32', decodeOf(1), true, LLAMA, 1.2],
  ['decode 1', 'MoE', 'q8_0', decodeOf(1), true, LLAMA, 1.2],
  ['decode 1, 128 bits', '110M', 'f32', decodeOf(1), false, LLAMA, 1.1],
  ['decode 1, 128 bits', '110M', 'q8_0', decodeOf(1), false, LLAMA, 1],
  ['decode 1', '15M', 'f32', decodeOf(1), true, ALL, 1.3],
  ['decode 1', '15M', 'q8_0', decodeOf(1), true, ALL, 1.3],
  ['decode 1', '260K', 'f32', decodeOf(1), true, ALL, 2],
  ['prefill 128', '110M', 'f32', prefillOf(128), true, LLAMA, 2],
  ['prefill 512', '110M', 'f32', prefillOf(512), true, LLAMA, 2],
  ['prefill 128', '110M', 'f32', prefillOf(128), true, ['onnx'], 0.9],
  ['prefill 512', '110M', 'f32', prefillOf(512), true, ['onnx'], 0.9],
  ['decode 32 at once', '110M', 'q8_0', decodeOf(32), true, LLAMA, 1.5],
  ['embed 64 texts', '15M', 'q8_0', embedOf(64), true, LLAMA, 1],
  ['embed 64 texts', '110M', 'f32', embedOf(64), true, LLAMA, 1],
  ['embed 64 texts', '110M', 'q8_0', embedOf(64), true, LLAMA, 1],
];
/** A bar of two tiles against one: size, type, task, ratio. */
const TILE_BARS: readonly [string, Size, Type, Picker, number][] = [
  ['prefill 128', '110M', 'f32', prefillOf(128), 1.8],
  ['prefill 512', '110M', 'f32', prefillOf(512), 1.8],
  ['decode 1', '110M', 'q8_0', decodeOf(1), 1.5],
];

/** The bars that a run has rows for. */
export function barsOf(groups: readonly SpeedGroup[]): BarRow[] {
  return groups.flatMap((given) => {
    const size = SIZES[`${given.layerCount}x${given.modelWidth}`];
    if (size === undefined) return [];
    // Bars are of the exact mode.
    const rows = given.rows.filter(({ activations }) => activations !== 'int8');
    const group = { ...given, rows };
    return [
      ...peerBars(group, size),
      ...tileBars(group, size),
      ...(size === '110M' && group.type === 'f32' ? readBars(group) : []),
      ...startBars(group, size),
      ...memoryBar(group, size),
    ];
  });
}

function peerBars(group: SpeedGroup, size: Size): BarRow[] {
  return PEER_BARS.flatMap(([what, ofSize, type, picks, isRevectorized, peers, bar]) => {
    if (ofSize !== size || type !== group.type) return [];
    const rows = group.rows.filter(({ task }) => picks(task));
    const wafer = bestRow(
      rows.filter((row) => row.engine === 'wafer' && row.isRevectorized === isRevectorized),
    );
    const other = bestRow(rows.filter(({ engine }) => peers.some((peer) => peer === engine)));
    return wafer && other ? [compare(`${size} ${type}, ${what}`, wafer, other, bar)] : [];
  });
}

function tileBars(group: SpeedGroup, size: Size): BarRow[] {
  return TILE_BARS.flatMap(([what, ofSize, type, picks, bar]) => {
    if (ofSize !== size || type !== group.type) return [];
    const rows = group.rows.filter(
      ({ engine, task, isRevectorized }) =>
        engine === 'wafer' && picks(task) && isRevectorized === isWide(group),
    );
    const [one, two] = [1, 2].map((tiles) => rows.find(({ threads }) => threads === tiles));
    return one && two ? [compare(`${size} ${type}, ${what}, 2 tiles`, two, one, bar)] : [];
  });
}

/** Bytes of weights, and of weights and cache, over the plain sum of as many threads. */
function readBars(group: SpeedGroup): BarRow[] {
  const wafers = group.rows.filter(({ engine }) => engine === 'wafer');
  const picks: [string, Picker, number][] = [
    ['linear layers', (task) => task.kind === 'linear', 0.88],
    ['whole decode', decodeOf(1), 0.82],
  ];
  return picks.flatMap(([what, pick, bar]) => {
    const row = bestRow(
      wafers.filter((each) => pick(each.task) && each.isRevectorized === isWide(group)),
    );
    const ceiling = row && readCeiling(group, row);
    if (!row || !ceiling) return [];
    const scale = row.gigabytesPerSecond! / row.value.median;
    const rates = row.samples.map((sample) => sample * scale);
    const ratio = ratioByRound(rates, ceiling.samples).median;
    return [
      barRow({
        what: `110M f32, ${what}, ${plural(row.threads, 'tile')}`,
        wafer: medianOf(rates),
        against: 'plain sum',
        other: ceiling.value.median,
        ratio,
        bar,
        unit: 'GB/s',
      }),
    ];
  });
}

function startBars(group: SpeedGroup, size: Size): BarRow[] {
  const starts = group.rows.filter(({ task }) => task.kind === 'start');
  const wafer = starts
    .filter(({ engine }) => engine === 'wafer')
    .toSorted((a, b) => a.value.median - b.value.median)[0];
  const bars: BarRow[] = [];
  if (wafer?.loadMs !== undefined && size === '110M') {
    const rate = group.weightBytes / wafer.loadMs / 1e6;
    const against = '1 GB/s';
    const what = `${size} ${group.type}, load from page cache (threads up)`;
    bars.push(barRow({ what, wafer: rate, against, other: 1, ratio: rate, bar: 1, unit: 'GB/s' }));
  }
  const touchShare = wafer?.touchShare;
  if (wafer?.loadMs !== undefined && touchShare !== undefined && size === '110M') {
    const rate = group.weightBytes / wafer.loadMs / 1e6;
    const what = `${size} ${group.type}, load over touching fresh pages`;
    const other = rate / touchShare;
    const against = 'same threads, pages got alike';
    bars.push(
      barRow({ what, wafer: rate, against, other, ratio: touchShare, bar: 0.8, unit: 'GB/s' }),
    );
  }
  const peer = starts
    .filter(({ engine }) => engine === 'llama-cpp')
    .toSorted((a, b) => a.value.median - b.value.median)[0];
  if (wafer && peer && (size === '15M' || size === '110M')) {
    const bar = size === '110M' && group.type === 'f32' ? 1.5 : 1;
    bars.push({
      ...compare(`${size} ${group.type}, time to first token`, wafer, peer, bar),
      ...atMost(ratioByRound(wafer.samples, peer.samples).median, bar),
    });
  }
  return bars;
}

function memoryBar(group: SpeedGroup, size: Size): BarRow[] {
  const before = group.rows.filter(
    ({ engine, task }) => engine === 'wafer' && (task.kind === 'prefill' || task.kind === 'decode'),
  );
  if (before.length === 0) return [];
  const rss = maxOf(before.map(({ rssBytes }) => rssBytes));
  const allowed = 1.15 * group.neededBytes + MEMORY_EXTRA_BYTES;
  const row = barRow({
    what: `${size} ${group.type}, resident memory`,
    wafer: rss / 1e6,
    against: '1.15 (weights + KV) + 150 MB',
    other: allowed / 1e6,
    ratio: rss / allowed,
    bar: 1,
    unit: 'MB',
  });
  return [{ ...row, ...atMost(row.ratio, 1) }];
}

function compare(what: string, wafer: SpeedRow, other: SpeedRow, bar: number): BarRow {
  const threads = other.engine === 'wafer' ? 'tile' : 'thread';
  return barRow({
    what,
    wafer: wafer.value.median,
    against: `${other.engine}, ${other.threads} ${threads}${other.threads > 1 ? 's' : ''}`,
    other: other.value.median,
    ratio: ratioByRound(wafer.samples, other.samples).median,
    bar,
    unit: wafer.unit,
  });
}

function barRow(row: Omit<BarRow, 'isMet' | 'isAtMost'>): BarRow {
  return { ...row, isAtMost: false, isMet: row.ratio >= row.bar };
}

function atMost(ratio: number, bar: number): { ratio: number; isAtMost: true; isMet: boolean } {
  return { ratio, isAtMost: true, isMet: ratio <= bar };
}

function bestRow(rows: readonly SpeedRow[]): SpeedRow | undefined {
  return rows.toSorted((a, b) => b.value.median - a.value.median)[0];
}

/** Whether the run had wide vectors at all. */
function isWide({ rows }: SpeedGroup): boolean {
  return rows.some(({ isRevectorized }) => isRevectorized === true);
}

function readCeiling(group: SpeedGroup, row: SpeedRow): MeasuredCeiling | undefined {
  return group.ceilings.find(
    ({ isRevectorized, task }) =>
      isRevectorized === row.isRevectorized &&
      task.quantity === 'read' &&
      task.threadCount === row.threads,
  );
}

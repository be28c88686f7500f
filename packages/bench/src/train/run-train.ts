/**
 * `wafer bench train`: whole steps of training (f32, AdamW, clip 1, random tokens) by shape and by
 * who computes what, in turns, beside what the processor can multiply and add.
 *
 * FLOPs of a token are 6 N + 6 L T D: causal attention counted once, a tied table once. Each
 * arrangement holds the weights of the others: the hash after its first steps is the same.
 */
import { maxOf } from '@wafer/core';
import { isRevectorized } from '@wafer/kernels';
import { Ceilings } from '../calibrate/ceilings.ts';
import { openChild } from '../process/child.ts';
import { medianOf, ratioByRound, turnsOf } from '../statistics.ts';
import { Contender } from './contender.ts';
import { cutCostOf } from './cut-cost.ts';
import type { CutCost, CutMeasured } from './cut-cost.ts';
import { arrangementsOf } from './train-cases.ts';
import type { Arrangement, TrainCase } from './train-cases.ts';
import type { TrainMemoryRole } from './train-memory.ts';
import { openPeers, peerRow } from './train-peers.ts';
import type { TrainPeerOptions, TrainPeerRow } from './train-peers.ts';

export interface TrainBenchOptions {
  cases: Readonly<Record<string, TrainCase>>;
  rounds: number;
  /** Steps of a turn; the fastest counts. */
  steps: number;
  isQuick: boolean;
  signal: AbortSignal;
  /** Other trainers in turns with ours. */
  peers: TrainPeerOptions;
  /** Told what is going on. */
  say?: (text: string) => void;
}

/** One shape in one arrangement. */
export interface TrainBenchRow {
  shape: string;
  arrangement: Arrangement['name'];
  rows: number;
  tokensPerSecond: number;
  /** Of all threads, over what as many can multiply and add. */
  shareOfPeak: number;
  /**
   * The same by the time that threads had a processor: of use where others are at work; null
   * where they are other processes', whose time is not known here.
   */
  shareByProcessorTime: number | null;
  /** Over one thread at as many rows, round by round; 1 of itself. */
  gain: number;
  bar: number | undefined;
  /** What was planned; what a process of its own took on for one thread; null of the others. */
  plannedBytes: number;
  takenBytes: number | null;
  /** Computed from the program. */
  cut: CutCost;
  measured: CutMeasured;
  hash: string;
}

export interface TrainBenchReport {
  /** GFLOP/s of multiply-adds of one thread, and of two. */
  peaks: [number, number];
  rows: TrainBenchRow[];
  peers: TrainPeerRow[];
}

const CEILING_BYTES = 2 ** 24;

/** Measures all cases. Throws: the signal's reason, PEER_UNAVAILABLE. */
export async function runTrain(options: TrainBenchOptions): Promise<TrainBenchReport> {
  options.say?.('measuring what this machine multiplies');
  const peaks = await peaksOf(options.isQuick);
  const rows: TrainBenchRow[] = [];
  const peerRows: TrainPeerRow[] = [];
  for (const [name, one] of Object.entries(options.cases)) {
    const contenders: Contender[] = [];
    const peers = await openPeers(one, options.peers, options.signal);
    try {
      for (const arrangement of arrangementsOf(one)) {
        options.signal.throwIfAborted();
        options.say?.(`${name}, ${arrangement.name}: warming up`);
        contenders.push(await Contender.open(one, arrangement));
      }
      for (let round = 0; round < options.rounds; round++) {
        options.say?.(`${name}: round ${round + 1} of ${options.rounds}`);
        for (const contender of turnsOf([...contenders, ...peers], round)) {
          options.signal.throwIfAborted();
          await contender.turn(options.steps);
        }
      }
      const takenBytes = await takenBytesOf(one, contenders[0]!.arrangement);
      for (const contender of contenders) {
        rows.push(rowOf(name, contender, { contenders, peaks, takenBytes }));
      }
      const ours = { contenders, isRevectorized: isRevectorized() };
      for (const peer of peers) peerRows.push(peerRow(name, peer, ours));
    } finally {
      for (const peer of peers) peer.close();
      for (const contender of contenders) await contender.close();
    }
  }
  return { peaks, rows, peers: peerRows };
}

async function takenBytesOf(one: TrainCase, arrangement: Arrangement): Promise<number> {
  const child = await openChild<TrainMemoryRole>('train-memory', { one, arrangement });
  try {
    return await child.measure(undefined);
  } finally {
    await child.close();
  }
}

async function peaksOf(isQuick: boolean): Promise<[number, number]> {
  const ceilings = await Ceilings.open({
    ...{ bytes: CEILING_BYTES, threadsMax: 2, isQuick },
    isRevectorized: false, // the caller has said so for the whole process, or has not
  });
  try {
    const best = async (threadCount: number): Promise<number> => {
      const samples: number[] = [];
      for (let i = 0; i < (isQuick ? 1 : 5); i++) {
        samples.push(await ceilings.measure({ quantity: 'fma', threadCount }));
      }
      return maxOf(samples);
    };
    return [await best(1), await best(2)];
  } finally {
    await ceilings.close();
  }
}

interface RowUse {
  contenders: readonly Contender[];
  peaks: [number, number];
  /** Of the first contender. */
  takenBytes: number;
}

function rowOf(
  name: string,
  contender: Contender,
  { contenders, peaks, takenBytes }: RowUse,
): TrainBenchRow {
  const { arrangement, run, ms, cpuMs } = contender;
  const { shape, rows, bar } = arrangement;
  const alone = contenders.find(
    (one) => one.arrangement.name === 'one thread' && one.arrangement.rows === rows,
  );
  const tokens = rows * run.layout.context;
  const tokensPerSecond = (tokens * 1000) / medianOf(ms);
  const flopsOfStep = tokens * contender.flopsOfToken;
  const isAlone = shape.replicas * shape.stages * shape.tiles === 1;
  const peak = peaks[isAlone ? 0 : 1];
  return {
    ...{ shape: name, arrangement: arrangement.name, rows, bar, tokensPerSecond },
    shareOfPeak: flopsOfStep / medianOf(ms) / 1e6 / peak,
    shareByProcessorTime:
      arrangement.cut === undefined ? flopsOfStep / medianOf(cpuMs) / 1e6 / peaks[0] : null,
    gain: alone === undefined ? 1 : ratioByRound(alone.ms, ms).median,
    plannedBytes: run.layout.bytes.all,
    takenBytes: contender === contenders[0] ? takenBytes : null,
    cut: cutCostOf(run, shape),
    measured: contender.measured,
    hash: contender.hash,
  };
}

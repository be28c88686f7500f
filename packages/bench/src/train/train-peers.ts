/**
 * Other trainers that take their turns beside ours, on as many threads as two replicas have.
 */
import { assert } from '@wafer/core';
import { PyTorch, widthsHere } from '../peers/pytorch.ts';
import type { PyTorchVectors } from '../peers/pytorch.ts';
import { medianOf, ratioByRound } from '../statistics.ts';
import type { Contender } from './contender.ts';
import type { TrainCase } from './train-cases.ts';

/** Trainers that can be asked for. */
export const TRAIN_PEERS = ['pytorch'] as const;
export type TrainPeerName = (typeof TRAIN_PEERS)[number];

/** Which ones, and the program that runs them. */
export interface TrainPeerOptions {
  names: readonly TrainPeerName[];
  python: string;
}

/** A trainer at one shape. */
export interface TrainPeerRow {
  shape: string;
  peer: TrainPeerName;
  version: string;
  vectors: PyTorchVectors;
  threads: number;
  rows: number;
  tokensPerSecond: number;
  /** Of two replicas over it, round by round. */
  ratio: number;
  bar: number | null;
}

/** At the same width of vectors; of wider ones it is reported. */
const BARS: Readonly<Record<PyTorchVectors, number | null>> = { '256-bit': 1, '512-bit': null };

/** Starts all that are asked for, at one shape. Throws: PEER_UNAVAILABLE. */
export async function openPeers(
  one: TrainCase,
  { names, python }: TrainPeerOptions,
): Promise<PyTorch[]> {
  const peers: PyTorch[] = [];
  if (!names.includes('pytorch')) return peers;
  try {
    for (const vectors of widthsHere()) {
      peers.push(await PyTorch.open(one, { python, vectors, threads: 2 }));
    }
  } catch (error) {
    for (const peer of peers) peer.close();
    throw error;
  }
  return peers;
}

/** What a peer did beside ours. */
export function peerRow(
  shape: string,
  { version, vectors, threads, ms }: PyTorch,
  contenders: readonly Contender[],
): TrainPeerRow {
  const ours = contenders.find(({ arrangement }) => arrangement.name === '2 replicas');
  assert(ours !== undefined, 'two replicas are measured', { shape });
  const { rows } = ours.arrangement;
  return {
    ...{ shape, peer: 'pytorch', version, vectors, threads, rows, bar: BARS[vectors] },
    tokensPerSecond: (rows * ours.run.layout.context * 1000) / medianOf(ms),
    ratio: ratioByRound(ms, ours.ms).median,
  };
}

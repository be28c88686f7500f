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
  /** What sums its matrices. */
  blas: string;
  /** Null where nothing says how wide. */
  vectors: PyTorchVectors | null;
  threads: number;
  rows: number;
  tokensPerSecond: number;
  /** Of two replicas over it, round by round. */
  ratio: number;
  /** Where its vectors are as wide as ours; else it is reported. */
  bar: number | null;
}

/** At the same width of vectors. */
const BAR = 1;

/**
 * Starts all that are asked for, at one shape: at each width that is kept to, or once at its own.
 * Throws: PEER_UNAVAILABLE, the signal's reason.
 */
export async function openPeers(
  one: TrainCase,
  { names, python }: TrainPeerOptions,
  signal: AbortSignal,
): Promise<PyTorch[]> {
  const peers: PyTorch[] = [];
  if (!names.includes('pytorch')) return peers;
  const use = { python, threads: 2, signal };
  try {
    for (const vectors of widthsHere()) {
      const peer = await PyTorch.open(one, { ...use, vectors });
      if (peer.vectors === vectors) peers.push(peer);
      else peer.close();
    }
    if (peers.length === 0) peers.push(await PyTorch.open(one, { ...use, vectors: null }));
  } catch (error) {
    for (const peer of peers) peer.close();
    throw error;
  }
  return peers;
}

/** Ours, and whether our vectors are 256 bits wide instead of 128. */
interface Ours {
  contenders: readonly Contender[];
  isRevectorized: boolean;
}

/** What a peer did beside ours. */
export function peerRow(
  shape: string,
  { version, blas, vectors, threads, ms }: PyTorch,
  { contenders, isRevectorized }: Ours,
): TrainPeerRow {
  const ours = contenders.find(({ arrangement }) => arrangement.name === '2 replicas');
  assert(ours !== undefined, 'two replicas are measured', { shape });
  const { rows } = ours.arrangement;
  return {
    ...{ shape, peer: 'pytorch', version, blas, vectors, threads, rows },
    tokensPerSecond: (rows * ours.run.layout.context * 1000) / medianOf(ms),
    ratio: ratioByRound(ms, ours.ms).median,
    bar: isRevectorized && vectors === '256-bit' ? BAR : null,
  };
}

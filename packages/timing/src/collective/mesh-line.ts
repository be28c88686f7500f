/**
 * Collectives over a line or grid of PEs in closed form, in cycles.
 *
 *   T = max(C, E / N + L) + (2 T_R + 1) D
 *
 * C contention of one PE, E wavelet-hops, N links, L longest path, D longest chain of PEs that wait
 * for each other, T_R cycles from a PE to its router. P PEs, B wavelets (two halves or one fp32).
 *
 * Source: "Near-Optimal Wafer-Scale Reduce" (HPDC 2024, arXiv 2404.15888).
 */
import { assert, minOf } from '@wafer/core';

/** Cycles from a PE to its router on WSE-2. */
export const RAMP_CYCLES = 2;

export interface LineUse {
  /** PEs of the line. */
  readonly pes: number;
  /** Wavelets of each PE. */
  readonly wavelets: number;
  readonly rampCycles?: number;
}

/** A message that each router copies onward. */
export function broadcastCycles({ pes, wavelets, rampCycles = RAMP_CYCLES }: LineUse): number {
  return wavelets + pes + 2 * rampCycles;
}

/** All send to the root. */
export function starReduceCycles({ pes, wavelets, rampCycles = RAMP_CYCLES }: LineUse): number {
  return wavelets * (pes - 1) + 2 * rampCycles + 1;
}

/** Each PE adds its own and sends on. */
export function chainReduceCycles({ pes, wavelets, rampCycles = RAMP_CYCLES }: LineUse): number {
  return wavelets + (2 * rampCycles + 2) * (pes - 1);
}

/** Pairs, pairs of pairs, and so on. */
export function treeReduceCycles({ pes, wavelets, rampCycles = RAMP_CYCLES }: LineUse): number {
  if (pes < 2) return 0;
  const depth = Math.log2(pes);
  const links = (wavelets * pes * depth) / (2 * (pes - 1)) + pes - 1;
  return Math.max(wavelets * depth, links) + (2 * rampCycles + 1) * depth;
}

/** Chains within groups of PEs, then a chain over their roots; one group is the plain chain. */
export function twoPhaseReduceCycles(use: LineUse & { groupPes?: number }): number {
  const { pes, wavelets, rampCycles = RAMP_CYCLES, groupPes = Math.sqrt(pes) } = use;
  if (groupPes >= pes || groupPes <= 1) return chainReduceCycles(use);
  const waits = groupPes + pes / groupPes - 2;
  return 2 * wavelets + (pes - 1) + (2 * rampCycles + 1) * waits;
}

/**
 * The tree level by level, as the exact network runs it: a PE adds one level after the other, and a
 * level waits for the wavelets of the one below or for its own to arrive. Where vectors are as long
 * as their way the published form counts links that are not waited for, up to 17 % too many.
 */
export function levelTreeReduceCycles({
  pes,
  wavelets,
  rampCycles = RAMP_CYCLES,
}: LineUse): number {
  if (pes < 2) return 0;
  let cycles = wavelets + 2 * rampCycles + 2;
  for (let span = 2; span < pes; span *= 2) {
    cycles += Math.max(wavelets, span + 2 * rampCycles + 1);
  }
  return cycles;
}

/** Two phases as the exact network runs them: roots wait for their group or for the root before. */
export function groupTwoPhaseReduceCycles(use: LineUse & { groupPes: number }): number {
  const { pes, wavelets, rampCycles = RAMP_CYCLES, groupPes } = use;
  if (groupPes >= pes || groupPes <= 1) return chainReduceCycles(use);
  const step = groupPes + 2 * rampCycles + 1;
  const groups = Math.ceil(pes / groupPes);
  const local = wavelets + (2 * rampCycles + 2) * (groupPes - 1);
  return local + Math.max(wavelets, step) + step * (groups - 2);
}

/** Reduce-scatter and all-gather around a ring laid on the line. */
export function ringAllReduceCycles({ pes, wavelets, rampCycles = RAMP_CYCLES }: LineUse): number {
  const steps = 2 * (pes - 1);
  return (steps * wavelets) / pes + 4 * pes - 6 + steps * (2 * rampCycles + 1);
}

/** A broadcast from a corner of a grid. */
export function gridBroadcastCycles(use: {
  across: number;
  down: number;
  wavelets: number;
  rampCycles?: number;
}): number {
  const { across, down, wavelets, rampCycles = RAMP_CYCLES } = use;
  return wavelets + across + down - 2 + 2 * rampCycles + 1;
}

/** The least of the reduces, and the broadcast that follows it. */
export function bestAllReduceCycles(use: LineUse): number {
  assert(use.pes > 0 && use.wavelets > 0, 'a line has PEs and something to add', { ...use });
  if (use.pes < 2) return 0;
  const groupPes = Math.max(1, Math.round(Math.sqrt(use.pes)));
  const reduces = [
    chainReduceCycles(use),
    starReduceCycles(use),
    levelTreeReduceCycles(use),
    groupTwoPhaseReduceCycles({ ...use, groupPes }),
  ];
  return minOf(reduces) + broadcastCycles(use);
}

/** No reduce over a line takes fewer cycles than this, whatever its tree. */
export function reduceBoundCycles({ pes, wavelets, rampCycles = RAMP_CYCLES }: LineUse): number {
  const energies = reduceEnergies(pes);
  const wait = 2 * rampCycles + 1;
  const bounds = energies.map(
    (energy, depth) => (wavelets * energy) / (pes - 1) + pes - 1 + depth * wait,
  );
  return minOf(bounds.slice(1));
}

/** Least wavelet-hops of a reduce of p PEs by its depth, E*[p][0 .. p - 1]. */
function reduceEnergies(pes: number): number[] {
  let before = Array.from({ length: pes + 1 }, (_, p) => (p <= 1 ? 0 : Number.POSITIVE_INFINITY));
  const found = [before[pes]!];
  for (let depth = 1; depth < pes; depth++) {
    const now = [...before];
    for (let p = 2; p <= pes; p++) {
      let least = before[p]!;
      for (let s = 1; s < p; s++) least = Math.min(least, before[s]! + now[p - s]! + (p - s));
      now[p] = least;
    }
    before = now;
    found.push(before[pes]!);
  }
  return found;
}

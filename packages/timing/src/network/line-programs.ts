/**
 * Collectives over a line or grid of PEs as programs of the exact network.
 *
 * P PEs of B elements each; sums end at the first PE, west or north-west. They are what the closed
 * forms of `collective/mesh-line.ts` count, run wavelet by wavelet.
 *
 * Source: "Near-Optimal Wafer-Scale Reduce" (HPDC 2024, arXiv 2404.15888), the algorithms.
 */
import { RAMP_CYCLES } from '../collective/mesh-line.ts';
import { QUEUE_WAVELETS } from './mesh-program.ts';
import type { ColorRoute, MeshProgram, PeAction, Port, SwitchPosition } from './mesh-program.ts';

export interface LineProgramUse {
  readonly pes: number;
  readonly wavelets: number;
  readonly rampCycles?: number;
}

type Actions = readonly (readonly PeAction[])[];

function lineOf(
  { pes, wavelets, rampCycles = RAMP_CYCLES }: LineProgramUse,
  routes: readonly ColorRoute[],
  actions: Actions,
): MeshProgram {
  const size = { width: pes, height: 1, elements: wavelets };
  return { ...size, routes, actions, rampCycles, queueWavelets: QUEUE_WAVELETS };
}

function route(pe: number, color: number, from: Port, ...to: readonly Port[]): ColorRoute {
  return { pe, color, positions: [{ from, to }] };
}

function linePes(pes: number): number[] {
  return Array.from({ length: pes }, (_, pe) => pe);
}

/** The first PE's elements to all: every router copies them to its PE and on. */
export function broadcastProgram(use: LineProgramUse): MeshProgram {
  const { pes, wavelets } = use;
  const own = { start: 0, count: wavelets };
  const routes = linePes(pes).map((pe) => {
    if (pe === 0) return route(pe, 0, 'R', 'E');
    return pe === pes - 1 ? route(pe, 0, 'W', 'R') : route(pe, 0, 'W', 'R', 'E');
  });
  const actions = linePes(pes).map((pe): PeAction[] =>
    pe === 0 ? [{ does: 'send', output: 0, ...own }] : [{ does: 'store', input: 0, ...own }],
  );
  return lineOf(use, routes, actions);
}

/** The north-west PE's elements to all of a grid: along the first row, then down every column. */
export function gridBroadcastProgram(use: {
  across: number;
  down: number;
  wavelets: number;
  rampCycles?: number;
}): MeshProgram {
  const { across, down, wavelets, rampCycles = RAMP_CYCLES } = use;
  const pes = linePes(across * down);
  const routes = pes.map((pe): ColorRoute => {
    const [column, row] = [pe % across, Math.floor(pe / across)];
    const to: Port[] = [];
    if (pe > 0) to.push('R');
    if (row === 0 && column < across - 1) to.push('E');
    if (row < down - 1) to.push('S');
    const from = pe === 0 ? 'R' : row === 0 ? 'W' : 'N';
    return { pe, color: 0, positions: [{ from, to }] };
  });
  const own = { start: 0, count: wavelets };
  const actions = pes.map((pe): PeAction[] =>
    pe === 0 ? [{ does: 'send', output: 0, ...own }] : [{ does: 'store', input: 0, ...own }],
  );
  const size = { width: across, height: down, elements: wavelets };
  return { ...size, routes, actions, rampCycles, queueWavelets: QUEUE_WAVELETS };
}

/** All send to the first PE over one color: routers let their own PE go first, then the east. */
export function starReduceProgram(use: LineProgramUse): MeshProgram {
  const { pes, wavelets } = use;
  const routes = linePes(pes).map((pe): ColorRoute => {
    if (pe === 0) return route(pe, 0, 'E', 'R');
    const own: SwitchPosition = { from: 'R', to: ['W'], wavelets };
    const others: SwitchPosition[] = pe === pes - 1 ? [] : [{ from: 'E', to: ['W'] }];
    return { pe, color: 0, positions: [own, ...others] };
  });
  const own = { start: 0, count: wavelets };
  const actions = linePes(pes).map((pe): PeAction[] =>
    pe === 0
      ? Array.from({ length: pes - 1 }, () => ({ does: 'add', input: 0, ...own }))
      : [{ does: 'send', output: 0, ...own }],
  );
  return lineOf(use, routes, actions);
}

/** Each PE adds its own and sends on, over two colors in turn. */
export function chainReduceProgram(use: LineProgramUse): MeshProgram {
  return twoPhaseReduceProgram({ ...use, groupPes: use.pes });
}

/** Chains within groups of PEs, then a chain over the first PEs of the groups. */
export function twoPhaseReduceProgram(use: LineProgramUse & { groupPes: number }): MeshProgram {
  const { pes, wavelets, groupPes } = use;
  const own = { start: 0, count: wavelets };
  const routes: ColorRoute[] = [];
  const actions = linePes(pes).map((pe): PeAction[] => {
    const place = pe % groupPes;
    const group = Math.floor(pe / groupPes);
    const isLast = place === groupPes - 1 || pe === pes - 1;
    const isLastGroup = (group + 1) * groupPes >= pes;
    const [out, into] = [place % 2, (place + 1) % 2];
    if (!isLast) routes.push(route(pe, into, 'E', 'R'));
    if (place > 0) {
      routes.push(route(pe, out, 'R', 'W'));
      const color = 2 + (group % 2);
      if (!isLastGroup) routes.push(route(pe, color === 2 ? 3 : 2, 'E', 'W'));
      return isLast
        ? [{ does: 'send', output: out, ...own }]
        : [{ does: 'relay', input: into, output: out, ...own }];
    }
    const [rootOut, rootIn] = [2 + (group % 2), 2 + ((group + 1) % 2)];
    if (!isLastGroup) routes.push(route(pe, rootIn, 'E', 'R'));
    if (group > 0) routes.push(route(pe, rootOut, 'R', 'W'));
    return rootActions({ isLast, isLastGroup, group }, { into, rootIn, rootOut }, own);
  });
  return lineOf(use, routes, actions);
}

function rootActions(
  { isLast, isLastGroup, group }: { isLast: boolean; isLastGroup: boolean; group: number },
  { into, rootIn, rootOut }: { into: number; rootIn: number; rootOut: number },
  own: { start: number; count: number },
): PeAction[] {
  const ends: PeAction[] = isLast ? [] : [{ does: 'add', input: into, ...own }];
  if (group === 0) return isLastGroup ? ends : [...ends, { does: 'add', input: rootIn, ...own }];
  if (!isLastGroup) return [...ends, { does: 'relay', input: rootIn, output: rootOut, ...own }];
  return isLast
    ? [{ does: 'send', output: rootOut, ...own }]
    : [{ does: 'relay', input: into, output: rootOut, ...own }];
}

/** Pairs, pairs of pairs, and so on: level k has a color of its own. PEs are a power of two. */
export function treeReduceProgram(use: LineProgramUse): MeshProgram {
  const { pes, wavelets } = use;
  const levels = Math.log2(pes);
  const own = { start: 0, count: wavelets };
  const routes: ColorRoute[] = [];
  for (const pe of linePes(pes)) {
    for (let level = 0; level < levels; level++) {
      const span = 2 ** level;
      const place = pe % (2 * span);
      if (place === 0) routes.push(route(pe, level, 'E', 'R'));
      else if (place < span) routes.push(route(pe, level, 'E', 'W'));
      else if (place === span) routes.push(route(pe, level, 'R', 'W'));
    }
  }
  const actions = linePes(pes).map((pe): PeAction[] => {
    const own2 = pe === 0 ? levels : Math.log2(pe & -pe);
    const adds = Array.from({ length: own2 }, (_, level): PeAction => {
      return { does: 'add', input: level, ...own };
    });
    if (pe === 0) return adds;
    const last = adds.pop();
    if (!last) return [{ does: 'send', output: own2, ...own }];
    return [...adds, { ...last, does: 'relay', output: own2 }];
  });
  return lineOf(use, routes, actions);
}

/**
 * Reduce-scatter and all-gather around a ring laid on the line: even PEs pass eastward, odd ones
 * back, so neighbors of the ring are two hops apart. PEs are even in number and divide the
 * elements.
 */
export function ringAllReduceProgram(use: LineProgramUse): MeshProgram {
  const { pes, wavelets } = use;
  const count = wavelets / pes;
  const evens = linePes(pes).filter((pe) => pe % 2 === 0);
  const ring = [...evens, ...evens.map((pe) => pe + 1).toReversed()];
  const colorOf = (place: number): number => 2 * Number(place >= pes / 2) + (place % 2);
  const routes: ColorRoute[] = [];
  const actions: PeAction[][] = linePes(pes).map(() => []);
  for (const [place, pe] of ring.entries()) {
    const next = ring[(place + 1) % pes]!;
    const input = colorOf((place + pes - 1) % pes);
    const output = colorOf(place);
    const [ahead, behind]: [Port, Port] = next > pe ? ['E', 'W'] : ['W', 'E'];
    routes.push(route(pe, output, 'R', ahead), route(next, output, behind, 'R'));
    if (Math.abs(next - pe) === 2) routes.push(route((pe + next) / 2, output, behind, ahead));
    const chunk = (step: number): number => (((place - step) % pes) + pes) % pes;
    for (let step = 0; step < 2 * (pes - 1); step++) {
      const into = { start: chunk(step + 1) * count, adds: step < pes - 1 };
      actions[pe]!.push({
        does: 'exchange',
        input,
        output,
        start: chunk(step) * count,
        count,
        into,
      });
    }
  }
  return lineOf(use, routes, actions);
}

/**
 * A program of the exact network laid out in flat arrays: queues, colors of routers, what PEs do.
 *
 * A queue belongs to a router, a port and a color, or to a PE and a color; one place feeds it.
 * Positions of a color are consecutive, so a switch is an index that grows.
 */
import { assert } from '@wafer/core';
import { PORTS } from './mesh-program.ts';
import type { ColorRoute, MeshProgram, Port } from './mesh-program.ts';

/** No queue, no feeder. */
export const NONE = -1;

export interface MeshState {
  /** Slots of a queue in `slots`, a power of two; capacities are at most this. */
  readonly depth: number;
  readonly depthMask: number;
  readonly slots: Float64Array;
  readonly heads: Int32Array;
  readonly counts: Int32Array;
  /** Wavelets on their way to a queue. */
  readonly reserved: Int32Array;
  readonly capacities: Int32Array;
  readonly isPeQueue: Uint8Array;
  /** Router or PE that takes from a queue, and the one that feeds it. */
  readonly owners: Int32Array;
  readonly feeders: Int32Array;
  readonly isPeFed: Uint8Array;
  /** Colors of router r are colorStart[r] to colorStart[r + 1]. */
  readonly colorStart: Int32Array;
  readonly positionAt: Int32Array;
  readonly passed: Int32Array;
  readonly positionQueue: Int32Array;
  readonly positionMask: Int32Array;
  readonly positionLimit: Int32Array;
  readonly targetStart: Int32Array;
  readonly targets: Int32Array;
  readonly actionAt: Int32Array;
  readonly actionEnd: Int32Array;
  readonly done: Int32Array;
  /** Of an exchange: wavelets taken. */
  readonly taken: Int32Array;
  /** Of an exchange: where wavelets go; NONE elsewhere. */
  readonly intos: Int32Array;
  readonly inputs: Int32Array;
  readonly outputs: Int32Array;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly adds: Uint8Array;
  readonly values: Float64Array;
  unfinished: number;
}

interface Queue {
  readonly owner: number;
  readonly isPe: boolean;
  readonly capacity: number;
  feeder: number;
  isPeFed: boolean;
}

/** Steps of a port to the neighbor's router, and the port it comes in by. */
const ACROSS: Readonly<Record<Exclude<Port, 'R'>, { x: number; y: number; into: Port }>> = {
  N: { x: 0, y: -1, into: 'S' },
  E: { x: 1, y: 0, into: 'W' },
  S: { x: 0, y: 1, into: 'N' },
  W: { x: -1, y: 0, into: 'E' },
};

/** Queues by name, made when they are first named. */
class Queues {
  readonly #program: MeshProgram;
  readonly #ids = new Map<string, number>();
  readonly all: Queue[] = [];

  constructor(program: MeshProgram) {
    this.#program = program;
  }

  ofRouter(router: number, port: Port, color: number): number {
    const { queueWavelets, rampCycles } = this.#program;
    const capacity = port === 'R' ? queueWavelets + rampCycles + 1 : queueWavelets;
    return this.#of(`${router}${port}${color}`, { owner: router, isPe: false, capacity });
  }

  ofPe(pe: number, color: number): number {
    const { queueWavelets, rampCycles } = this.#program;
    const capacity = queueWavelets + rampCycles + 1;
    return this.#of(`${pe}-${color}`, { owner: pe, isPe: true, capacity });
  }

  fed(queue: number, feeder: number, isPeFed: boolean): number {
    const own = this.all[queue]!;
    assert(own.feeder === NONE || own.feeder === feeder, 'one place feeds a queue', { queue });
    own.feeder = feeder;
    own.isPeFed = isPeFed;
    return queue;
  }

  #of(name: string, queue: Pick<Queue, 'owner' | 'isPe' | 'capacity'>): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    this.#ids.set(name, this.all.length);
    return this.all.push({ ...queue, feeder: NONE, isPeFed: false }) - 1;
  }
}

/** The state before the first cycle. */
export function buildMesh(program: MeshProgram, values: Float64Array): MeshState {
  const pes = program.width * program.height;
  const queues = new Queues(program);
  const routes = routesOf(program, pes, queues);
  const actions = actionsOf(program, queues);
  const { all } = queues;
  const most = all.reduce((found, { capacity }) => Math.max(found, capacity), 1);
  const depth = 2 ** Math.ceil(Math.log2(most));
  const ints = (of: (queue: Queue) => number): Int32Array => Int32Array.from(all, of);
  return {
    depth,
    depthMask: depth - 1,
    slots: new Float64Array(all.length * depth),
    heads: new Int32Array(all.length),
    counts: new Int32Array(all.length),
    reserved: new Int32Array(all.length),
    capacities: ints(({ capacity }) => capacity),
    isPeQueue: Uint8Array.from(all, ({ isPe }) => Number(isPe)),
    owners: ints(({ owner }) => owner),
    feeders: ints(({ feeder }) => feeder),
    isPeFed: Uint8Array.from(all, ({ isPeFed }) => Number(isPeFed)),
    ...routes,
    ...actions,
    done: new Int32Array(pes),
    taken: new Int32Array(pes),
    values: values.slice(),
    unfinished: program.actions.filter((own) => own.length > 0).length,
  };
}

type Routes = Pick<
  MeshState,
  | 'colorStart'
  | 'positionAt'
  | 'passed'
  | 'positionQueue'
  | 'positionMask'
  | 'positionLimit'
  | 'targetStart'
  | 'targets'
>;

function routesOf(program: MeshProgram, pes: number, queues: Queues): Routes {
  const byRouter = Map.groupBy(program.routes, ({ pe }) => pe);
  const colorStart = new Int32Array(pes + 1);
  const lists = { at: [] as number[], queue: [] as number[], mask: [] as number[] };
  const limits: number[] = [];
  const targetStart = [0];
  const targets: number[] = [];
  for (let router = 0; router < pes; router++) {
    for (const route of byRouter.get(router) ?? []) {
      lists.at.push(lists.queue.length);
      for (const { from, to, wavelets } of route.positions) {
        lists.queue.push(queues.ofRouter(router, from, route.color));
        lists.mask.push(to.reduce((mask, port) => mask | (1 << PORTS.indexOf(port)), 0));
        limits.push(wavelets ?? NONE);
        for (const port of to) targets.push(targetOf(program, queues, route, port));
        targetStart.push(targets.length);
      }
    }
    colorStart[router + 1] = lists.at.length;
  }
  return {
    colorStart,
    positionAt: Int32Array.from(lists.at),
    passed: new Int32Array(lists.at.length),
    positionQueue: Int32Array.from(lists.queue),
    positionMask: Int32Array.from(lists.mask),
    positionLimit: Int32Array.from(limits),
    targetStart: Int32Array.from(targetStart),
    targets: Int32Array.from(targets),
  };
}

function targetOf(
  { width, height }: MeshProgram,
  queues: Queues,
  { pe, color }: ColorRoute,
  port: Port,
): number {
  if (port === 'R') return queues.fed(queues.ofPe(pe, color), pe, false);
  const { x, y, into } = ACROSS[port];
  const [column, row] = [(pe % width) + x, Math.floor(pe / width) + y];
  const isInside = column >= 0 && column < width && row >= 0 && row < height;
  assert(isInside, 'a route stays on the mesh', { pe, color, port });
  return queues.fed(queues.ofRouter(row * width + column, into, color), pe, false);
}

type Actions = Pick<
  MeshState,
  'actionAt' | 'actionEnd' | 'inputs' | 'outputs' | 'starts' | 'intos' | 'lengths' | 'adds'
>;

function actionsOf(program: MeshProgram, queues: Queues): Actions {
  const all = program.actions.flatMap((own, pe) => own.map((action) => ({ ...action, pe })));
  let before = 0;
  const starts = program.actions.map((own) => (before += own.length) - own.length);
  return {
    actionAt: Int32Array.from(starts),
    actionEnd: Int32Array.from(program.actions, (own, pe) => starts[pe]! + own.length),
    inputs: Int32Array.from(all, ({ pe, input }) =>
      input === undefined ? NONE : queues.ofPe(pe, input),
    ),
    outputs: Int32Array.from(all, ({ pe, output }) =>
      output === undefined ? NONE : queues.fed(queues.ofRouter(pe, 'R', output), pe, true),
    ),
    starts: Int32Array.from(all, ({ pe, start }) => pe * program.elements + start),
    intos: Int32Array.from(all, ({ pe, into }) =>
      into === undefined ? NONE : pe * program.elements + into.start,
    ),
    lengths: Int32Array.from(all, ({ count }) => count),
    adds: Uint8Array.from(all, ({ does, into }) =>
      Number(into?.adds ?? (does === 'add' || does === 'relay')),
    ),
  };
}

/**
 * An exact network of wafer routers: every wavelet of every cycle, event-driven.
 *
 * A hop takes a cycle, a link carries a wavelet a cycle and direction, a multicast moves when all
 * its ports can. A queue that is full refuses: the sender waits. Only routers and PEs that can move
 * are looked at; they wake each other. Moves of a cycle are decided on what stood at its start and
 * done at its end, so the order in which they are looked at changes nothing.
 *
 *   PE --ramp--> queue of (router, R, color) --hop--> queue of (router, port, color) --ramp--> PE
 */
import { assert, WaferError } from '@wafer/core';
import { buildMesh, NONE } from './mesh-state.ts';
import type { MeshState } from './mesh-state.ts';
import type { MeshProgram } from './mesh-program.ts';
import { AwakeList } from './awake-list.ts';
import { RampFlights } from './ramp-flights.ts';

export interface MeshRun {
  /** Until the last PE is done. */
  readonly cycles: number;
  /** Links crossed by wavelets. */
  readonly hops: number;
  /** Own elements of each PE afterwards, [pes, elements]. */
  readonly values: Float64Array;
}

/** Cycles without any move after which nothing will move again: a ramp is the longest wait. */
const STILL_CYCLES = 64;

/**
 * Runs a program until every PE is done.
 * Shapes: values [pes, elements]. Throws: PLAN_OPTION where wavelets wait for each other for ever.
 */
export function simulateMesh(program: MeshProgram, values: Float64Array): MeshRun {
  const pes = program.width * program.height;
  assert(values.length === pes * program.elements, 'a value for each element', { pes });
  const state = buildMesh(program, values);
  const mesh = new Mesh(state, program.rampCycles);
  let still = 0;
  while (state.unfinished > 0) {
    still = mesh.cycle() ? 0 : still + 1;
    if (still <= STILL_CYCLES) continue;
    const expected = 'a program whose wavelets do not wait for each other';
    throw new WaferError('PLAN_OPTION', { option: 'program', value: state.unfinished, expected });
  }
  return { cycles: mesh.lastCycle, hops: mesh.hops, values: state.values };
}

/** The clock: decides the moves of a cycle, then does them. */
class Mesh {
  readonly #state: MeshState;
  readonly #rampCycles: number;
  readonly #flights: RampFlights;
  readonly #arriveBound: (queue: number, value: number) => void;
  readonly #routers: AwakeList;
  readonly #pes: AwakeList;
  #now = 0;
  #moved = false;
  readonly #popped: number[] = [];
  readonly #pushed: number[] = [];
  readonly #pushedValues: number[] = [];
  readonly #switched: number[] = [];
  hops = 0;
  lastCycle = 0;

  constructor(state: MeshState, rampCycles: number) {
    this.#state = state;
    this.#rampCycles = rampCycles;
    const pes = state.actionEnd.length;
    this.#routers = new AwakeList(pes);
    this.#pes = new AwakeList(pes);
    this.#flights = new RampFlights(rampCycles + 2, state.counts.length);
    this.#arriveBound = (queue, value) => this.#arrive(queue, value);
    for (let pe = 0; pe < pes; pe++) this.#pes.wake(pe);
  }

  /** One cycle; whether anything moved or is under way. */
  cycle(): boolean {
    this.#moved = false;
    const [routers, pes] = [this.#routers.take(), this.#pes.take()];
    for (const pe of pes) this.#stepPe(pe);
    for (const router of routers) this.#stepRouter(router);
    this.#now += 1;
    this.#settle();
    return this.#moved;
  }

  // ---- what is decided

  #stepPe(pe: number): void {
    const state = this.#state;
    const action = state.actionAt[pe]!;
    if (action === state.actionEnd[pe]) return;
    if (state.intos[action] !== NONE) return this.#stepExchange(pe, action);
    const input = state.inputs[action]!;
    const output = state.outputs[action]!;
    const isInput = input === NONE || state.counts[input]! > 0;
    if (!isInput || (output !== NONE && !hasRoom(state, output))) return;
    const place = state.starts[action]! + state.done[pe]!;
    if (input !== NONE) this.#takeInto(action, input, place);
    if (output !== NONE) this.#fly(output, state.values[place]!, 1 + this.#rampCycles);
    this.#moved = true;
    state.done[pe] = state.done[pe]! + 1;
    if (state.done[pe] === state.lengths[action]) this.#nextAction(pe);
    this.#pes.wake(pe);
  }

  #takeInto(action: number, input: number, place: number): void {
    takeWord(this.#state, { action, input, place });
    this.#popped.push(input);
  }

  /** Sends and takes apart: each goes on while the other waits. */
  #stepExchange(pe: number, action: number): void {
    const state = this.#state;
    const [input, output] = [state.inputs[action]!, state.outputs[action]!];
    const length = state.lengths[action]!;
    let moves = 0;
    if (state.taken[pe]! < length && state.counts[input]! > 0) {
      this.#takeInto(action, input, state.intos[action]! + state.taken[pe]!);
      state.taken[pe] = state.taken[pe]! + 1;
      moves += 1;
    }
    if (state.done[pe]! < length && hasRoom(state, output)) {
      const value = state.values[state.starts[action]! + state.done[pe]!]!;
      this.#fly(output, value, 1 + this.#rampCycles);
      state.done[pe] = state.done[pe]! + 1;
      moves += 1;
    }
    if (moves === 0) return;
    this.#moved = true;
    if (state.done[pe] === length && state.taken[pe] === length) this.#nextAction(pe);
    this.#pes.wake(pe);
  }

  #nextAction(pe: number): void {
    const state = this.#state;
    state.done[pe] = 0;
    state.taken[pe] = 0;
    state.actionAt[pe] = state.actionAt[pe]! + 1;
    if (state.actionAt[pe] !== state.actionEnd[pe]) return;
    state.unfinished -= 1;
    this.lastCycle = this.#now + 1;
  }

  /** Colors of a router, lower ones first: what the vendor's fabric simulator is told by. */
  #stepRouter(router: number): void {
    const state = this.#state;
    const first = state.colorStart[router]!;
    const last = state.colorStart[router + 1]!;
    let taken = 0;
    for (let color = first; color < last; color++) {
      const position = state.positionAt[color]!;
      const queue = state.positionQueue[position]!;
      if (state.counts[queue] === 0) continue;
      const mask = state.positionMask[position]!;
      if ((mask & taken) !== 0) {
        this.#routers.wake(router);
        continue;
      }
      if (!canForward(state, position)) continue;
      taken |= mask;
      this.#forward(position, queue);
      this.#afterForward(router, color, position);
    }
  }

  #forward(position: number, queue: number): void {
    const { targetStart, targets, isPeQueue, slots, depth, heads } = this.#state;
    const value = slots[queue * depth + heads[queue]!]!;
    const end = targetStart[position + 1]!;
    for (let i = targetStart[position]!; i < end; i++) {
      const target = targets[i]!;
      if (isPeQueue[target] === 1) {
        this.#fly(target, value, this.#rampCycles);
        continue;
      }
      this.hops += 1;
      this.#state.reserved[target] = this.#state.reserved[target]! + 1;
      this.#pushed.push(target);
      this.#pushedValues.push(value);
    }
    this.#popped.push(queue);
    this.#moved = true;
  }

  #afterForward(router: number, color: number, position: number): void {
    const state = this.#state;
    state.passed[color] = state.passed[color]! + 1;
    if (state.passed[color] === state.positionLimit[position]) this.#switched.push(color);
    this.#routers.wake(router);
  }

  // ---- what is done at the end of a cycle

  #settle(): void {
    const state = this.#state;
    for (const queue of this.#popped) {
      state.heads[queue] = (state.heads[queue]! + 1) & state.depthMask;
      state.counts[queue] = state.counts[queue]! - 1;
      this.#wakeFeeder(queue);
    }
    for (let i = 0; i < this.#pushed.length; i++) {
      this.#arrive(this.#pushed[i]!, this.#pushedValues[i]!);
    }
    for (const color of this.#switched) {
      state.positionAt[color] = state.positionAt[color]! + 1;
      state.passed[color] = 0;
    }
    this.#popped.length = 0;
    this.#pushed.length = 0;
    this.#pushedValues.length = 0;
    this.#switched.length = 0;
    this.#flights.land(this.#now, this.#arriveBound);
  }

  #fly(queue: number, value: number, cycles: number): void {
    this.#state.reserved[queue] = this.#state.reserved[queue]! + 1;
    this.#flights.add(this.#now + cycles, queue, value);
    this.#moved = true;
  }

  #arrive(queue: number, value: number): void {
    const state = this.#state;
    const slot = (state.heads[queue]! + state.counts[queue]!) & state.depthMask;
    state.slots[queue * state.depth + slot] = value;
    state.counts[queue] = state.counts[queue]! + 1;
    state.reserved[queue] = state.reserved[queue]! - 1;
    if (state.isPeQueue[queue] === 1) this.#pes.wake(state.owners[queue]!);
    else this.#routers.wake(state.owners[queue]!);
  }

  /** Who may send to a queue that has room again. */
  #wakeFeeder(queue: number): void {
    const state = this.#state;
    const feeder = state.feeders[queue]!;
    if (feeder === NONE) return;
    if (state.isPeFed[queue] === 1) this.#pes.wake(feeder);
    else this.#routers.wake(feeder);
  }
}

/** Room counts what stands in a queue and what is on its way to it. */
function hasRoom({ counts, reserved, capacities }: MeshState, queue: number): boolean {
  return counts[queue]! + reserved[queue]! < capacities[queue]!;
}

/** Whether all ports of a position can take a wavelet. */
function canForward(state: MeshState, position: number): boolean {
  const { targetStart, targets } = state;
  const end = targetStart[position + 1]!;
  for (let i = targetStart[position]!; i < end; i++) {
    if (!hasRoom(state, targets[i]!)) return false;
  }
  return true;
}

/** The first wavelet of a queue, added to an own element or in its place. */
function takeWord(
  { slots, depth, heads, adds, values }: MeshState,
  { action, input, place }: { action: number; input: number; place: number },
): void {
  const word = slots[input * depth + heads[input]!]!;
  values[place] = adds[action] === 1 ? values[place]! + word : word;
}

/**
 * Proves a plan before anything runs.
 *
 * Memory: buffers of a tile do not overlap and end within its SRAM. Weights: the shards of every
 * matrix cover it exactly once. Channels: every receive has its send and its release, and windows
 * lie inside a buffer of the receiver. Progress: the event graph of steps in a row (program
 * order, send i → receive i, release i → send i + 1) has no cycle, so that no schedule of the
 * threads can deadlock. A failure is a bug of the planner.
 *
 * Source: Lamport 1978, "Time, clocks, and the ordering of events" (the event graph).
 */
import { assert } from '../errors.ts';
import { isVector, tensorShapes } from '../model/tensors.ts';
import { checkMeaning } from './check-meaning.ts';
import type { Plan, Shard, TilePlan } from './plan.ts';
import { PROGRAM_NAMES } from './programs.ts';
import type { ProgramName } from './programs.ts';

/** Steps in which every program follows every other, and itself. */
const EVERY_PAIR: readonly ProgramName[] = [
  ...PROGRAM_NAMES.flatMap((a, i) =>
    PROGRAM_NAMES.slice(i).flatMap((b) => (a === b ? [a] : [a, b])),
  ),
  PROGRAM_NAMES[0],
];

/** Stops where the plan is not sound. */
export function checkPlan(plan: Plan): void {
  for (const tile of plan.tiles) checkMemory(tile);
  checkWeights(plan);
  checkWindows(plan);
  checkMeaning(plan);
  for (const name of PROGRAM_NAMES) checkMessages(plan, name);
  checkProgress(plan);
}

function checkMemory(tile: TilePlan): void {
  let end = 0;
  for (const { name, address, bytes } of tile.buffers) {
    assert(address >= end, 'buffers do not overlap', { tile: tile.index, name, address, end });
    end = address + bytes;
  }
  assert(end <= tile.sramBytes, 'buffers end within the SRAM', { tile: tile.index, end });
}

function checkWeights(plan: Plan): void {
  const byTensor = new Map<string, Shard[]>();
  for (const { shards } of plan.tiles) {
    for (const shard of shards) {
      if (shard.isVector) continue;
      const list = byTensor.get(shard.tensor);
      if (list) list.push(shard);
      else byTensor.set(shard.tensor, [shard]);
    }
  }
  for (const shape of tensorShapes(plan.spec)) {
    if (isVector(shape)) continue;
    const { name, rows, columns } = shape;
    const shards = byTensor.get(name) ?? [];
    const area = shards.reduce((sum, shard) => sum + shard.rowCount * shard.columnCount, 0);
    assert(area === rows * columns, 'shards cover the tensor', { name, area, rows, columns });
    shards.sort((a, b) => a.column - b.column || a.row - b.row);
    shards.forEach((shard, i) => {
      const next = shards[i + 1];
      const isApart =
        next === undefined ||
        (next.column === shard.column && next.row >= shard.row + shard.rowCount) ||
        next.column >= shard.column + shard.columnCount;
      assert(isApart, 'shards do not overlap', { name, row: shard.row, column: shard.column });
    });
  }
}

function checkWindows(plan: Plan): void {
  for (const channel of plan.channels) {
    const { index, source, target, rowsMax, columnCount, targetRows, sourceRows } = channel;
    assert(source !== target, 'a channel joins two tiles', { index, source });
    for (const [tile, rows] of [
      [source, sourceRows],
      [target, targetRows],
    ] as const) {
      const end = rows.address + ((rowsMax - 1) * rows.stride + columnCount) * 4;
      const isInside = plan.tiles[tile]!.buffers.some(
        ({ address, bytes }) => rows.address >= address && end <= address + bytes,
      );
      assert(isInside, 'a window lies in one buffer', { index, tile, address: rows.address });
    }
  }
}

/** Instructions that touch a channel, in program order. */
interface Uses {
  send: number[];
  receive: number[];
  release: number[];
}

/** Uses of channels by the tiles that walk these programs, one after the other. */
function channelUses(
  plan: Plan,
  steps: readonly ProgramName[],
): { uses: Uses[]; nodeCount: number; first: number[] } {
  const uses: Uses[] = plan.channels.map(() => ({ send: [], receive: [], release: [] }));
  const first: number[] = [];
  let nodeCount = 0;
  for (const tile of plan.tiles) {
    first.push(nodeCount);
    for (const name of steps) {
      for (const instruction of tile.programs[name]) {
        const node = nodeCount++;
        const { op } = instruction;
        if (op !== 'send' && op !== 'receive' && op !== 'release') continue;
        for (const channel of instruction.channels) {
          const owner =
            op === 'send' ? plan.channels[channel]!.source : plan.channels[channel]!.target;
          assert(owner === tile.index, 'a tile uses its own channels', {
            channel,
            tile: tile.index,
            op,
          });
          uses[channel]![op].push(node);
        }
      }
    }
  }
  return { uses, nodeCount, first };
}

function checkMessages(plan: Plan, name: ProgramName): void {
  channelUses(plan, [name]).uses.forEach(({ send, receive, release }, channel) => {
    const values = {
      channel,
      sends: send.length,
      receives: receive.length,
      releases: release.length,
      program: name,
    };
    const isMatched = send.length === receive.length && receive.length === release.length;
    const isUsed = send.length > 0 || name !== 'infer';
    assert(isMatched && isUsed, 'every send has its receive and release', values);
    receive.forEach((node, i) => {
      assert(node < release[i]!, 'a window is read before it is given back', values);
      assert(
        i === 0 || release[i - 1]! < node,
        'a window is given back before it is refilled',
        values,
      );
    });
  });
}

/** Kahn's topological sort of the event graph over steps in which any program follows any. */
function checkProgress(plan: Plan): void {
  const { uses, nodeCount, first } = channelUses(plan, EVERY_PAIR);
  const starts = new Set(first);
  const degree = new Uint32Array(nodeCount);
  const next: number[][] = Array.from({ length: nodeCount }, () => []);
  const addEdge = (from: number, to: number): void => {
    next[from]!.push(to);
    degree[to]!++;
  };
  for (let node = 1; node < nodeCount; node++) if (!starts.has(node)) addEdge(node - 1, node);
  for (const { send, receive, release } of uses) {
    send.forEach((node, i) => {
      addEdge(node, receive[i]!);
      if (i > 0) addEdge(release[i - 1]!, node);
    });
  }
  const ready: number[] = [];
  for (let node = 0; node < nodeCount; node++) if (degree[node] === 0) ready.push(node);
  let done = 0;
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    done++;
    for (const after of next[node]!) if (--degree[after]! === 0) ready.push(after);
  }
  assert(done === nodeCount, 'the event graph has no cycle', { done, nodeCount });
}

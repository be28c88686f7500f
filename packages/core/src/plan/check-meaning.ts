/**
 * Proves what a plan says about itself: clocks and summaries read this, never a name.
 *
 * Collectives: a channel joins two members of its collective, none is without channels, and only
 * an all-reduce is added up or completed. Launches: linear layers of one launch read the same rows.
 * A failure is a bug of the planner.
 */
import { assert } from '../errors.ts';
import type { Instruction } from '../ops/ops.ts';
import type { CollectivePlan, Plan } from './plan.ts';
import { PROGRAM_NAMES } from './programs.ts';

/** Stops where plan data contradicts the channels and programs. */
export function checkMeaning(plan: Plan): void {
  const used = new Set<number>();
  for (const { index, source, target, collective } of plan.channels) {
    const { members } = collectiveOf(plan, collective);
    const isInside = members.includes(source) && members.includes(target);
    assert(isInside, 'a channel joins members of its collective', { index, source, target });
    used.add(collective);
  }
  plan.collectives.forEach(({ id, bytesPerRow }, place) => {
    assert(id === place && used.has(id), 'a collective has channels', { id, place });
    assert(bytesPerRow > 0, 'a collective carries bytes', { id, bytesPerRow });
  });
  for (const { index, programs } of plan.tiles) {
    for (const name of PROGRAM_NAMES) {
      checkReduces(plan, index, programs[name]);
      checkLaunches(index, programs[name]);
    }
  }
}

function collectiveOf(plan: Plan, id: number): CollectivePlan {
  const collective = plan.collectives[id];
  assert(collective !== undefined, 'a channel is part of a collective', { id });
  return collective;
}

function checkReduces(plan: Plan, tile: number, program: readonly Instruction[]): void {
  for (const instruction of program) {
    const id =
      instruction.op === 'send'
        ? instruction.completes
        : instruction.op === 'add'
          ? instruction.reduces
          : undefined;
    if (id === undefined) continue;
    const { kind, members } = collectiveOf(plan, id);
    const isOwn = kind === 'all-reduce' && members.includes(tile);
    assert(isOwn, 'a tile adds up an all-reduce of its own', { tile, id, kind });
    if (instruction.op !== 'send') continue;
    const channels = instruction.channels.map((channel) => plan.channels[channel]!.collective);
    const isRoot = members[0] === tile && channels.every((collective) => collective === id);
    assert(isRoot, 'the first member hands out the sum', { tile, id });
  }
}

function checkLaunches(tile: number, program: readonly Instruction[]): void {
  const sources = new Map<number, number>();
  for (const instruction of program) {
    if (instruction.op !== 'linear') continue;
    const { launch, source } = instruction;
    const known = sources.get(launch) ?? source.address;
    const values = { tile, launch, known, address: source.address };
    assert(known === source.address, 'a launch reads one input', values);
    sources.set(launch, known);
  }
}

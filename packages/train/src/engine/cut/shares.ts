/**
 * One chip's share of a run that is cut: what it adds, updates, is given and tells.
 */
import { append, CHANNEL_LINE_BYTES } from '@wafer/core';
import type { ModelSpec } from '@wafer/core';
import type { TrainProgram } from '../../network/program.ts';
import type { TrainLayout } from '../layout.ts';
import { stageOfLayer } from '../stage-tensors.ts';
import type { UpdateShare } from '../sums.ts';
import { TIMES_COUNT, timesAddress } from '../times.ts';
import { stageSums } from './chip-sums.ts';
import { rangeOf } from './exchanges.ts';
import { ownersOf, usersOf } from './owners.ts';
import type { ChipMap } from './owners.ts';
import { joined } from './ranges.ts';
import type { MemoryRange } from './ranges.ts';

/** What one chip has, computes with and tells. */
export interface ChipShare extends UpdateShare {
  /** First of its threads, which follow each other. */
  first: number;
  threadCount: number;
  /** Weights that it computes with or updates. */
  weights: readonly MemoryRange[];
  /** What it updates: masters and moments. */
  owned: UpdateShare['owned'];
  ownRanges: readonly MemoryRange[];
  moments: readonly MemoryRange[];
  /** What the parent reads after each step. */
  reports: readonly MemoryRange[];
}

/** The share of a chip; `lines` are those of channels that end on it. */
export function shareOf(
  program: TrainProgram,
  layout: TrainLayout,
  { map, chip, lines }: { map: ChipMap; chip: number; lines: readonly number[] },
): ChipShare {
  const { stages } = layout.shape;
  const sums = Array.from({ length: stages }, (_, stage) => stageSums(layout, map, stage));
  const owners = ownersOf(program, layout, map);
  const users = usersOf(program, layout, map);
  const mine = owners.filter(({ owner }) => owner === chip);
  const threads = map.byThread;
  const used = layout.tensors.filter(({ name }) => users.get(name)?.includes(chip));
  const own = (base: number): MemoryRange[] =>
    joined(mine.map(({ tensor }) => rangeOf(tensor, base)));
  const [first, second] = layout.moments;
  return {
    first: threads.indexOf(chip),
    threadCount: threads.filter((other) => other === chip).length,
    early: owners
      .filter(({ stage }) => stage !== undefined && map.chipsOf(stage).includes(chip))
      .map(({ tensor, stage }) => {
        const joins = sums[stage!]!.early.filter((each) => each.chip === chip);
        return { tensor, joins: joins.map(({ join }) => join) };
      }),
    owned: mine.map(({ tensor, stage }) => {
      return { tensor, joins: stage === undefined ? [] : sums[stage]!.late };
    }),
    weights: joined([
      ...used.map((tensor) => rangeOf(tensor, layout.weights)),
      ...own(layout.masters),
    ]),
    ownRanges: own(layout.masters),
    moments: [...own(first), ...own(second)],
    reports: joined([...reportsOf(program, layout, { map, chip }), ...linesOf(lines)]),
  };
}

function linesOf(lines: readonly number[]): MemoryRange[] {
  return lines.map((start) => ({ start, end: start + CHANNEL_LINE_BYTES }));
}

/**
 * Losses of the rows that end on a chip, times of its stages, what its layers of experts leave; the
 * first tells the norm, too.
 */
function reportsOf(
  { spec }: TrainProgram,
  layout: TrainLayout,
  { map, chip }: { map: ChipMap; chip: number },
): MemoryRange[] {
  const { shape, firstRows, data, panels, control } = layout;
  const ranges: MemoryRange[] =
    chip === 0 ? [{ start: control + 8192, end: control + 8192 + 128 }] : [];
  for (let replica = 0; replica < shape.replicas; replica++) {
    for (let stage = 0; stage < shape.stages; stage++) {
      if (map.chipOf(replica, stage) !== chip) continue;
      const start = timesAddress(layout, replica, stage);
      ranges.push({ start, end: start + TIMES_COUNT * 8 });
      if (spec.experts) append(ranges, loadsOfStage(spec, layout, { replica, stage }));
    }
    if (map.chipOf(replica, shape.stages - 1) !== chip) continue;
    const at = (row: number): number => data.stats + row * panels * 256;
    ranges.push({ start: at(firstRows[replica]!), end: at(firstRows[replica + 1]!) });
  }
  return ranges;
}

/** What the layers of a stage leave of the rows of a replica. */
function loadsOfStage(
  { layerCount }: ModelSpec,
  { layerStages, firstRows, data, rowsOfStep }: TrainLayout,
  { replica, stage }: { replica: number; stage: number },
): MemoryRange[] {
  const layers = Array.from({ length: layerCount }, (_, layer) => layer);
  const own = layers.filter((layer) => stageOfLayer(layerStages, layer) === stage);
  const at = (layer: number, row: number): number => data.loads + (layer * rowsOfStep + row) * 8;
  return own.map((layer) => {
    return { start: at(layer, firstRows[replica]!), end: at(layer, firstRows[replica + 1]!) };
  });
}

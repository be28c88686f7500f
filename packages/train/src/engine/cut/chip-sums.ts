/**
 * Sums of gradients of a stage that is on several chips: which a chip adds up by itself, which it
 * sends, and which are added where the tensor is updated; all in the one tree of `row-tree.ts`.
 */
import type { TrainLayout } from '../layout.ts';
import type { ChipMap } from './owners.ts';

/** Addresses of two regions of sums: the second is added to the first. */
export type Join = readonly [number, number];

/** What becomes of a stage's sums. */
export interface StageSums {
  /** Added on a chip, of its own rows. */
  early: readonly { chip: number; join: Join }[];
  /** What is left of each chip then: regions of sums. */
  left: readonly { chip: number; region: number }[];
  /** Added where the tensor is updated. */
  late: readonly Join[];
}

/** The sums of a stage. */
export function stageSums(layout: TrainLayout, map: ChipMap, stage: number): StageSums {
  const { sums, final, schedules } = layout;
  const early: { chip: number; join: Join }[] = [];
  const late: Join[] = [];
  /** Whose rows a region sums; absent: of several chips. */
  const chips = new Map<number, number>();
  schedules.forEach(({ nodes }, replica) => {
    for (const node of nodes) chips.set(sums[replica]![node.sum]!, map.chipOf(replica, stage));
  });
  const left = new Map(chips);
  for (const pair of final.merges) {
    const [to = 0, from = 0] = pair.map(({ replica, buffer }) => sums[replica]![buffer]!);
    const chip = chips.get(to);
    if (chip !== undefined && chip === chips.get(from)) {
      early.push({ chip, join: [to, from] });
      left.delete(from);
    } else {
      late.push([to, from]);
      chips.delete(to);
    }
  }
  return { early, left: [...left].map(([region, chip]) => ({ chip, region })), late };
}

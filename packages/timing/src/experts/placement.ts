/**
 * Where the experts of a layer lie, as data: one family of plans for GPUs and regions of PEs.
 *
 *   rows      one group of all tiles: each has a share of every expert
 *   whole     as many groups as there are tiles, or experts: an expert lies whole on its group
 *   mixedN    N groups; an expert lies whole on a group and is cut over its tiles
 *   apartN    N of 100 tiles have attention alone, the others experts
 *   …+N       room for N more experts in each group: copies of the hottest ones
 *
 * Copies go, one by one, from the expert with the most rows for each of its copies to the group
 * with the fewest that has none of it; a row goes to the copy whose group has the fewest so far.
 */
import { WaferError } from '@wafer/core';
import { refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';

export interface ExpertPlacement {
  readonly groups: number | 'whole';
  /** More experts that each group has room for. */
  readonly copies: number;
  /** Of the tiles, those that have attention alone, %; 0: attention lies on all. */
  readonly attentionPercent: number;
}

/** Shares of each expert on all tiles. */
export const EXPERT_ROWS: ExpertPlacement = Object.freeze({
  groups: 1,
  copies: 0,
  attentionPercent: 0,
});

/** A placement by its name. Throws: PLAN_OPTION. */
export function readPlacement(text: string): ExpertPlacement {
  const [, kind, digits, copies] =
    /^(rows|whole|mixed(?=\d)|apart(?=\d))(\d*)(?:\+(\d+))?$/.exec(text) ?? [];
  const number = Number(digits ?? 0);
  const isNumbered = kind === 'mixed' || kind === 'apart';
  const isRight =
    kind !== undefined &&
    (digits !== '') === isNumbered &&
    !(kind === 'mixed' && number < 2) &&
    !(kind === 'apart' && (number < 1 || number > 99));
  if (!isRight) {
    const expected = 'auto, rows, whole, mixed4, apart25, or one of them with copies as whole+1';
    throw new WaferError('PLAN_OPTION', { option: 'experts', value: text, expected });
  }
  return {
    groups: kind === 'whole' ? 'whole' : kind === 'mixed' ? number : 1,
    copies: Number(copies ?? 0),
    attentionPercent: kind === 'apart' ? number : 0,
  };
}

/** The name of a placement. */
export function placementName({ groups, copies, attentionPercent }: ExpertPlacement): string {
  const own =
    attentionPercent > 0
      ? `apart${attentionPercent}`
      : groups === 'whole'
        ? 'whole'
        : groups === 1
          ? 'rows'
          : `mixed${groups}`;
  return copies > 0 ? `${own}+${copies}` : own;
}

/** Whether tiles of this project can run it; the others are computed only. */
export function canRun({ groups, copies, attentionPercent }: ExpertPlacement): boolean {
  return copies === 0 && attentionPercent === 0 && (groups === 1 || groups === 'whole');
}

/** Placements that are compared where none is named; copies where some experts are hotter. */
export function placementsFor({ isSkewed }: { isSkewed: boolean }): ExpertPlacement[] {
  const grouped = (['whole', 2, 4, 8, 16] as const).map((groups) => ({ ...EXPERT_ROWS, groups }));
  const apart = [25, 50].map((attentionPercent) => ({ ...EXPERT_ROWS, attentionPercent }));
  const copied = isSkewed ? grouped.map((one) => ({ ...one, copies: 1 })) : [];
  return [EXPERT_ROWS, ...grouped, ...apart, ...copied];
}

/** Groups of GPUs that experts lie on, and GPUs of a group. */
export function gpuGroups(
  placement: ExpertPlacement,
  gpus: number,
  count: number,
): { attentionGpus: number; groups: number; cut: number } | Refusal {
  const { groups, attentionPercent } = placement;
  const own = Math.max(1, Math.round((gpus * attentionPercent) / 100));
  const attentionGpus = attentionPercent === 0 ? gpus : own;
  const expertGpus = attentionPercent === 0 ? gpus : gpus - own;
  if (expertGpus < 1) return refuse(`${gpus} GPUs leave none to experts apart`);
  const wanted = groups === 'whole' ? wholeGroups(expertGpus, count) : groups;
  if (expertGpus % wanted !== 0 || wanted > count) {
    return refuse(`${expertGpus} GPUs do not make ${wanted} equal groups of ${count} experts`);
  }
  return { attentionGpus, groups: wanted, cut: expertGpus / wanted };
}

/** As many groups as there are GPUs, or the most that experts fill. */
function wholeGroups(gpus: number, count: number): number {
  let groups = Math.min(gpus, count);
  while (gpus % groups !== 0) groups -= 1;
  return groups;
}

/** Experts that a group has room for, copies with them. */
export function roomOf(count: number, groups: number, { copies }: ExpertPlacement): number {
  return Math.min(count, Math.ceil(count / groups) + (groups > 1 ? copies : 0));
}

/** Groups that have each expert, [E][copies]; consecutive experts share a group. */
export function assignExperts(
  shares: readonly number[],
  groups: number,
  placement: ExpertPlacement,
): number[][] {
  const count = shares.length;
  const room = roomOf(count, groups, placement);
  const own = shares.map((_, e) => [Math.floor((e * groups) / count)]);
  const held = Array.from({ length: groups }, () => 0);
  const load = Array.from({ length: groups }, () => 0);
  own.forEach(([group], e) => {
    held[group!]! += 1;
    load[group!]! += shares[e]!;
  });
  for (;;) {
    const hottest = hottestToCopy(shares, own, held, room);
    if (hottest === undefined) return own;
    const others = held.flatMap((taken, group) =>
      taken < room && !own[hottest]!.includes(group) ? [group] : [],
    );
    const target = others.reduce((a, b) => (load[b]! < load[a]! ? b : a));
    const before = own[hottest]!.length;
    for (const group of own[hottest]!) {
      load[group]! -= shares[hottest]! / before - shares[hottest]! / (before + 1);
    }
    own[hottest]!.push(target);
    held[target]! += 1;
    load[target]! += shares[hottest]! / (before + 1);
  }
}

/** The expert with the largest share for each copy that some group still has room for. */
function hottestToCopy(
  shares: readonly number[],
  own: readonly number[][],
  held: readonly number[],
  room: number,
): number | undefined {
  const open = held.flatMap((taken, group) => (taken < room ? [group] : []));
  let best: number | undefined;
  for (let e = 0; e < own.length; e++) {
    if (!open.some((group) => !own[e]!.includes(group))) continue;
    const heat = (one: number): number => shares[one]! / own[one]!.length;
    if (best === undefined || heat(e) > heat(best)) best = e;
  }
  return best;
}

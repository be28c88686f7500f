/**
 * What each chip of a wafer is told: its number, the inputs of the plan, and its share of threads.
 */
import { availableParallelism } from 'node:os';
import type { Plan } from '@wafer/core';
import type { Model } from '@wafer/models';
import { LINK_TRAITS } from '../link-kind.ts';
import type { ResolvedOptions } from '../options/options.ts';
import { SPIN_COUNT } from '../threads/thread-settings.ts';
import { modelDigest } from './model-digest.ts';
import { hashPlan } from './protocol.ts';
import type { ChipSetup } from './protocol.ts';

/** One setup per chip. */
export function chipSetups(plan: Plan, model: Model, options: ResolvedOptions): ChipSetup[] {
  const { dice, chips } = options;
  const planHash = hashPlan(plan);
  const isJoined = chips.length > 0;
  const digest = isJoined ? modelDigest(model.source) : undefined;
  // Chips of this machine share its cores; on a host of its own, a chip has them to itself.
  const canSpin = isJoined || threadsInAll(options) < availableParallelism();
  return Array.from({ length: dice.chips.width * dice.chips.height }, (_, chip) => ({
    kind: 'setup',
    chip,
    model: model.name,
    isJoined,
    spec: model.spec,
    source: model.source,
    modelDigest: digest,
    options: plan.options,
    planHash,
    chipOf: dice.chipOf,
    threadCount: threadsOf(chip, options),
    spinCount: canSpin ? SPIN_COUNT : 0,
    hugePages: options.hugePages,
    limits: options.limits,
  }));
}

/** Threads of all chips, those that own sockets and the relay. */
export function threadsInAll(options: ResolvedOptions): number {
  const chips = [...new Set(options.dice.chipOf)];
  return chips.reduce((sum, chip) => sum + threadsOf(chip, options) + 1, 1);
}

/** Which thread runs each tile, numbered over all processes of a wafer that this host runs. */
export function threadsByTile(options: ResolvedOptions): number[] {
  const { dice, link, threadCount } = options;
  const chipCount = dice.chips.width * dice.chips.height;
  if (chipCount === 1 || LINK_TRAITS[link].chips === 'threads') {
    return dice.chipOf.map((_, tile) => tile % threadCount);
  }
  return dice.chipOf.map((chip, tile) => {
    const place = dice.chipOf.slice(0, tile).filter((other) => other === chip).length;
    return chip * threadCount + (place % threadsOf(chip, options));
  });
}

/** A chip's share of the tile threads, at least one. */
function threadsOf(chip: number, { dice, threadCount }: ResolvedOptions): number {
  const tileCount = dice.chipOf.filter((other) => other === chip).length;
  const share = Math.ceil((threadCount * tileCount) / dice.chipOf.length);
  return Math.min(tileCount, Math.max(1, share));
}

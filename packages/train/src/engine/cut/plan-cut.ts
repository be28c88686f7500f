/**
 * A cut of a run: which threads are on which chip, and what goes over the cut, to the byte, before
 * it starts. Plain data; each chip makes it again from the same inputs.
 *
 *   rows      stage ── values ──▶ stage after, ◀── their gradient ──      per row and frame
 *   sums      chips of a stage ── sums of their rows ──▶ who updates      embedded rows, too
 *   squares   who updates ── squares of blocks ──▶ all chips              for the norm
 *   weights   who updates ── new weights ──▶ who computes with them
 *
 * Every chip has the whole layout, and touches its part of it alone: a message goes to the address
 * that it comes from, and pages that nobody touches take no room. So nothing else of a run changes.
 */
import { CHANNEL_LINE_BYTES } from '@wafer/core';
import type { ChannelPlan } from '@wafer/core';
import type { TrainProgram } from '../../network/program.ts';
import type { TrainLayout } from '../layout.ts';
import type { Crossing, CrossingDraft } from './crossing-draft.ts';
import { exchangesOf } from './exchanges.ts';
import { handOffsOf } from './hand-offs.ts';
import { ChipMap } from './owners.ts';
import type { MemoryRange } from './ranges.ts';
import { shareOf } from './shares.ts';
import type { ChipShare } from './shares.ts';

export interface TrainCut {
  chipCount: number;
  /** By thread. */
  chipOf: readonly number[];
  channels: ChannelPlan[];
  /** By channel. */
  uses: readonly Crossing[];
  /** By chip. */
  shares: readonly ChipShare[];
  /** What the parent writes before each step, and before the first one. */
  inputs: readonly MemoryRange[];
  constants: readonly MemoryRange[];
  /** Bytes of a memory: the layout, and a line per channel. */
  bytes: number;
}

/** Cuts a run between chips. Throws: TRAIN_OPTION. */
export function planCut(program: TrainProgram, layout: TrainLayout, chipCount: number): TrainCut {
  const map = new ChipMap(layout, chipCount);
  const chipOf = map.byThread;
  const drafts = [...handOffsOf(program, layout, map), ...exchangesOf(program, layout, map)];
  // Lines of channels that end on one chip lie side by side.
  const ordered = drafts.toSorted((a, b) => chipOf[a.target]! - chipOf[b.target]!);
  const lines = Math.ceil(layout.bytes.all / CHANNEL_LINE_BYTES) * CHANNEL_LINE_BYTES;
  const channels = ordered.map((draft, index) =>
    channelOf(draft, { index, control: lines + index * CHANNEL_LINE_BYTES }),
  );
  const chips = Array.from({ length: chipCount }, (_, chip) => chip);
  return {
    chipCount,
    chipOf,
    channels,
    uses: ordered.map(({ use }) => use),
    shares: chips.map((chip) => {
      const own = channels.filter(({ target }) => chipOf[target] === chip);
      return shareOf(program, layout, { map, chip, lines: own.map(({ control }) => control) });
    }),
    ...inputsOf(program, layout),
    bytes: lines + channels.length * CHANNEL_LINE_BYTES,
  };
}

const COLLECTIVES = ['sums', 'squares', 'weights'] as const;

/** A channel whose message is one row, at the same address at both ends. */
function channelOf(
  { source, target, range, use }: CrossingDraft,
  { index, control }: { index: number; control: number },
): ChannelPlan {
  const columnCount = (range.end - range.start) / 4;
  const rows = { address: range.start, stride: columnCount };
  const isExchange = 'phase' in use;
  return {
    index,
    source,
    target,
    window: isExchange ? use.phase : use.way,
    collective: isExchange ? 1 + COLLECTIVES.indexOf(use.phase) : 0,
    kind: 'rows',
    rowsMax: 1,
    routed: undefined,
    columnCount,
    sourceRows: rows,
    targetRows: rows,
    control,
  };
}

/** Rows of the step and what is asked of it; before the first one, the angles of positions. */
function inputsOf(
  { spec }: TrainProgram,
  layout: TrainLayout,
): Pick<TrainCut, 'inputs' | 'constants'> {
  const { data, embedding, rowsOfStep, context, panels, control, angles } = layout;
  const range = (start: number, bytes: number): MemoryRange => ({ start, end: start + bytes });
  const rowWords = rowsOfStep * panels * 64;
  const inputs = [
    range(control + 8192, 128),
    range(control + 12_288, 128),
    ...[data.tokens, data.targets, data.shares].map((start) => range(start, rowWords)),
    ...Object.values(data.firsts).map((start) => range(start, rowWords)),
    range(embedding.ids, rowsOfStep * context * 4),
  ];
  return { inputs, constants: [range(angles, panels * spec.rope.rotaryWidth * 64)] };
}

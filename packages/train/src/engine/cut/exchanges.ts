/**
 * What goes over a cut at the end of a step, between the first threads of chips.
 */
import type { TrainProgram } from '../../network/program.ts';
import { NORM_BLOCK } from '../../optimizer/clip.ts';
import type { TrainLayout } from '../layout.ts';
import type { LearnedPlace } from '../place-tensors.ts';
import type { ExchangePhase } from '../thread.ts';
import { stageSums } from './chip-sums.ts';
import type { CrossingDraft } from './crossing-draft.ts';
import { ownersOf, usersOf } from './owners.ts';
import type { ChipMap } from './owners.ts';
import { chunksOf } from './ranges.ts';
import type { MemoryRange } from './ranges.ts';

/** Bytes of a tensor in a region. */
export function rangeOf({ offset, rows, columns }: LearnedPlace, base: number): MemoryRange {
  const start = base + offset;
  return { start, end: start + Math.ceil((rows * columns) / 16) * 64 };
}

/** The messages of the end of a step. */
export function exchangesOf(
  program: TrainProgram,
  layout: TrainLayout,
  map: ChipMap,
): CrossingDraft[] {
  const pairs = new Pairs(map);
  addSums(program, layout, { map, pairs });
  addEmbedded(program, layout, { map, pairs });
  const users = usersOf(program, layout, map);
  for (const { tensor, owner } of ownersOf(program, layout, map)) {
    const start = layout.squares + tensor.firstBlock * 8;
    const blocks = Math.ceil((tensor.rows * tensor.columns) / NORM_BLOCK);
    for (let chip = 0; chip < map.chipCount; chip++) {
      pairs.add('squares', { from: owner, to: chip, range: { start, end: start + blocks * 8 } });
    }
    for (const chip of users.get(tensor.name) ?? []) {
      pairs.add('weights', { from: owner, to: chip, range: rangeOf(tensor, layout.weights) });
    }
  }
  return pairs.drafts;
}

/** Ranges by phase and pair of chips. */
class Pairs {
  readonly #map: ChipMap;
  readonly #ranges = new Map<string, { phase: ExchangePhase; from: number; to: number }>();
  readonly #lists = new Map<string, MemoryRange[]>();

  constructor(map: ChipMap) {
    this.#map = map;
  }

  add(
    phase: ExchangePhase,
    { from, to, range }: { from: number; to: number; range: MemoryRange },
  ): void {
    if (from === to) return;
    const key = `${phase} ${from} ${to}`;
    this.#ranges.set(key, { phase, from, to });
    this.#lists.set(key, [...(this.#lists.get(key) ?? []), range]);
  }

  get drafts(): CrossingDraft[] {
    const chipOf = this.#map.byThread;
    return [...this.#ranges].flatMap(([key, { phase, from, to }]) =>
      chunksOf(this.#lists.get(key)!).map((range) => ({
        source: chipOf.indexOf(from),
        target: chipOf.indexOf(to),
        range,
        use: { phase },
      })),
    );
  }
}

interface Use {
  map: ChipMap;
  pairs: Pairs;
}

function addSums(program: TrainProgram, layout: TrainLayout, { map, pairs }: Use): void {
  const { stages } = layout.shape;
  const sums = Array.from({ length: stages }, (_, stage) => stageSums(layout, map, stage));
  for (const { tensor, stage, owner } of ownersOf(program, layout, map)) {
    if (stage === undefined) continue;
    for (const { chip, region } of sums[stage]!.left) {
      pairs.add('sums', { from: chip, to: owner, range: rangeOf(tensor, region) });
    }
  }
}

/** Gradients of embedded rows go to who updates the table. */
function addEmbedded(program: TrainProgram, layout: TrainLayout, { map, pairs }: Use): void {
  const embed = program.ops.find((op) => op.op === 'embed');
  const owner = ownersOf(program, layout, map).find(
    ({ tensor }) => tensor.name === embed?.table.name,
  );
  if (owner === undefined) return;
  const rowBytes = layout.context * program.spec.modelWidth * 4;
  for (let replica = 0; replica < layout.shape.replicas; replica++) {
    const [first = 0, end = 0] = layout.firstRows.slice(replica, replica + 2);
    const at = (row: number): number => layout.embedding.rows + row * rowBytes;
    const range = { start: at(first), end: at(end) };
    pairs.add('sums', { from: map.chipOf(replica, 0), to: owner.owner, range });
  }
}

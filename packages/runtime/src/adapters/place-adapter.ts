/**
 * Writes an adapter into a slot of every tile that has a share of a matrix that it changes.
 *
 *     A [R/16][K][16], columns of the share        B [N/16][R][16], its rows, times alpha / r
 *
 * No answer comes of the slot while it is written: nobody goes through it, but for a request that
 * was aborted, in a step under way, whose rows are dropped. What follows in the engine, and every
 * step record behind it, sees all of it.
 */
import { setImmediate } from 'node:timers/promises';
import { assert, LOW_RANK_PANEL } from '@wafer/core';
import type { AdapterShare, Plan } from '@wafer/core';
import { readChanges } from '@wafer/models';
import type { OpenAdapter, ChangeValues } from '@wafer/models';
import { slotRange } from './adapter-slots.ts';
import type { AdapterSlots, SlotPart } from './adapter-slots.ts';

/** A share of a matrix, and which of its tile's it is. */
interface PlacedShare extends Pick<SlotPart, 'tile' | 'share'> {
  plan: AdapterShare;
}

/**
 * Fills slot `slot`, from 0 on; between matrices the caller's thread is free. No more of it is
 * under way than a tile's share of one matrix.
 * Throws: TENSOR_NOT_FINITE, MODEL_UNREADABLE, and as `AdapterSlots.fill`.
 */
export async function placeAdapter(
  plan: Plan,
  slots: AdapterSlots,
  { adapter, slot }: { adapter: OpenAdapter; slot: number },
): Promise<void> {
  const shares = Map.groupBy(sharesOf(plan), (share) => share.plan.tensor);
  const mark = ({ tile, share }: PlacedShare, isUsed: boolean): Promise<void> =>
    slots.fill({ tile, share, part: 'used', slot }, (memory, address) => {
      new Int32Array(memory, address, 1)[0] = isUsed ? 1 : 0;
    });
  await Promise.all([...shares.values()].flat().map((share) => mark(share, false)));
  for (const [tensor, change] of readChanges(adapter)) {
    const places = shares.get(tensor);
    assert(places !== undefined, 'an adapter changes what has slots', { tensor });
    for (const place of places) {
      const { tile, share } = place;
      const fill = (part: 'a' | 'b', write: typeof writeInputs): Promise<void> => {
        const { bytes } = slotRange(plan, { tile, share, part, slot });
        return slots.fill({ tile, share, part, slot }, (memory, address) => {
          write(new Float32Array(memory, address, bytes / 4).fill(0), place.plan, change);
        });
      };
      await Promise.all([fill('a', writeInputs), fill('b', writeOutputs), mark(place, true)]);
    }
    await setImmediate();
  }
}

function sharesOf({ tiles }: Plan): PlacedShare[] {
  return tiles.flatMap(({ index: tile, adapters }) =>
    adapters.map((plan, share) => ({ tile, share, plan })),
  );
}

/** A: the share's columns of each rank; ranks beyond the adapter's are zeros. */
function writeInputs(target: Float32Array, { columns }: AdapterShare, change: ChangeValues): void {
  const width = change.a.length / change.rank;
  for (let r = 0; r < change.rank; r++) {
    const panel = (r - (r % LOW_RANK_PANEL)) * columns.count + (r % LOW_RANK_PANEL);
    const source = r * width + columns.start;
    for (let k = 0; k < columns.count; k++) {
      target[panel + k * LOW_RANK_PANEL] = change.a[source + k]!;
    }
  }
}

/** B: the share's rows, times the factor, rounded once. */
function writeOutputs(target: Float32Array, share: AdapterShare, change: ChangeValues): void {
  const { place, rows } = share;
  for (let n = 0; n < rows.count; n++) {
    const panel = (n - (n % LOW_RANK_PANEL)) * place.rank + (n % LOW_RANK_PANEL);
    const source = (rows.start + n) * change.rank;
    for (let r = 0; r < change.rank; r++) {
      target[panel + r * LOW_RANK_PANEL] = change.b[source + r]! * change.scale;
    }
  }
}

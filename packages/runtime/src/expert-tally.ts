/**
 * How many tokens met each expert, by layer, since the start: what the first tile of each stage has
 * counted in its SRAM as it routed. Read by anyone at any time; the clock of experts takes it as a
 * routing (`wafer project --routing FILE`).
 */
import type { Plan } from '@wafer/core';

/** Rows of each expert, [E], in each layer that has experts. */
export interface ExpertTally {
  expertCount: number;
  chosenCount: number;
  layers: { layer: number; counts: number[] }[];
}

/** Where the counts of each layer lie. */
export function tallies({ tiles }: Plan): { tile: number; layer: number; address: number }[] {
  return tiles.flatMap(({ index: tile, programs }) =>
    programs.infer.flatMap((one) =>
      one.op === 'route' && one.tally ? [{ tile, ...one.tally }] : [],
    ),
  );
}

/** The counts; undefined for a model without experts. */
export function readTally(
  plan: Plan,
  memories: ReadonlyMap<number, { readonly buffer: ArrayBufferLike }>,
): ExpertTally | undefined {
  const { experts } = plan.spec;
  if (!experts) return undefined;
  const { expertCount, chosenCount } = experts;
  const layers = tallies(plan)
    .map(({ tile, layer, address }) => ({
      layer,
      counts: [...new Float64Array(memories.get(tile)!.buffer, address, expertCount)],
    }))
    .toSorted((a, b) => a.layer - b.layer);
  return { expertCount, chosenCount, layers };
}

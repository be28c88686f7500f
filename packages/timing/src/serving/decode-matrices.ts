/**
 * Matrices of a decode step as one GPU of a group has them: attention, dense layers and the shared
 * expert cut over `cut` GPUs, routed experts over the GPUs of the group that holds them.
 *
 * Chosen experts ride in one launch for gate and up and one for down. Narrow shares of an expert
 * are taken to stream like wide ones: no published row measures them.
 */
import type { GroupLoad } from '../experts/loads.ts';
import type { ModelShape } from './model-shape.ts';

/** A matrix of `times` layers; `copies` counts experts read beside one token's. */
export interface DecodeMatrix {
  readonly n: number;
  readonly k: number;
  readonly times: number;
  readonly bits: number;
  readonly copies: number;
  /** Rows that meet it. */
  readonly rows: number;
}

type Plain = Omit<DecodeMatrix, 'copies'>;

const plain = (one: Plain): DecodeMatrix => ({ ...one, copies: 1 });

/** All but routed experts, the head with them. */
export function denseMatrices(
  shape: ModelShape,
  { cut, batch: rows }: { cut: number; batch: number },
): DecodeMatrix[] {
  const { layers, hidden, heads, kvHeads, headWidth, ffn, vocabulary, experts, bits } = shape;
  const routed = experts?.layers ?? 0;
  const keys = 2 * Math.max(1, kvHeads / cut);
  const pair = (width: number, times: number): DecodeMatrix[] =>
    width === 0 || times === 0
      ? []
      : [
          plain({ n: 2 * width, k: hidden, times, bits: bits.ffn, rows }),
          plain({ n: hidden, k: width, times, bits: bits.ffn, rows }),
        ];
  const own = { times: layers, bits: bits.attention, rows };
  return [
    plain({ n: (heads / cut + keys) * headWidth, k: hidden, ...own }),
    plain({ n: hidden, k: (heads * headWidth) / cut, ...own }),
    ...pair(ffn / cut, layers - routed),
    ...pair((experts?.sharedFfn ?? 0) / cut, routed),
    plain({ n: vocabulary / cut, k: hidden, times: 1, bits: bits.vocabulary, rows }),
  ];
}

/** Routed experts of all layers that have them, as a group of `cut` GPUs meets them. */
export function expertMatrices(
  { hidden, experts, bits }: ModelShape,
  { cut, batch, load }: { cut: number; batch: number; load: GroupLoad },
): DecodeMatrix[] {
  if (!experts || load.hits === 0) return [];
  // Experts that a token meets here; bytes are those of all that any token meets.
  const met = Math.max(1, load.rows / batch);
  const width = (met * experts.ffn) / cut;
  const own = {
    times: experts.layers,
    bits: bits.experts,
    copies: load.hits / met,
    rows: load.rows / met,
  };
  return [
    { n: 2 * width, k: hidden, ...own },
    { n: hidden, k: width, ...own },
  ];
}

/** What one group of all GPUs meets of an even routing, on average. */
export function evenLoad(
  { count, chosen }: { count: number; chosen: number },
  batch: number,
): GroupLoad {
  return { hits: count * (1 - (1 - chosen / count) ** batch), rows: batch * chosen };
}

/**
 * Scaling of one described run: tiles of a whole wafer, chips by tensor shares and by stages, and
 * a sentence on where the interconnect stops hurting.
 */
import { scaling, scalingOnWafer } from '@wafer/timing';
import type { ExchangeKind, ScalingRow } from '@wafer/timing';
import type { DescribedRun } from './described-run.ts';

/** A row of scaling with the all-reduce it paid. */
export type ScaledRow = ScalingRow & { collective: ExchangeKind };

/** An interconnect that leaves this share of the tokens does not hurt. */
export const PAINLESS_KEPT = 0.9;

/** All rows: tiles first, then chips for each all-reduce. Throws: PLAN_GRID, MACHINE_PARAMETER. */
export function scalingRows(
  run: DescribedRun,
  work: { chips: number; batches: readonly number[]; contextTokens: number; promptTokens: number },
): ScaledRow[] {
  const { machine, elementBytes, type, plan } = run;
  const link = run.links[0]!;
  const kinds = run.collectives.filter((kind) => kind !== 'custom' || link.customKernels);
  const { spec, tensors } = plan;
  const chipCounts = powersUpTo(work.chips);
  const base = { ...work, spec, tensors, type, machine, elementBytes, chipCounts };
  const onWafer = scalingOnWafer(base).map((row): ScaledRow => ({
    ...row,
    collective: 'messages',
  }));
  const onChips = kinds.flatMap((collective, i) =>
    scaling({ ...base, link, collective })
      // Stages of one chip have nothing to reduce: one row serves all kinds.
      .filter(({ cut }) => i === 0 || cut === 'tensor')
      .map((row): ScaledRow => ({ ...row, collective })),
  );
  return [...onWafer, ...onChips];
}

/** For each way to cut: up to how many chips the interconnect takes less than a tenth. */
export function painlessLines(rows: readonly ScaledRow[]): string[] {
  const cuts = [...new Set(rows.filter(({ cut }) => cut !== 'tiles').map((row) => cutName(row)))];
  return cuts.map((cut) => {
    const own = rows.filter((row) => row.cut !== 'tiles' && cutName(row) === cut);
    const works = [...new Set(own.map(({ work }) => work))];
    const limitOf = (work: string): number => painlessChips(own.filter((row) => row.work === work));
    const limits = [...new Set(works.map(limitOf))].toSorted((a, b) => b - a);
    const parts = limits.map((limit) => {
      const names = joinWorks(own.filter(({ work }) => limitOf(work) === limit));
      const size = limit <= 1 ? 'at no size' : `up to ${limit} chips`;
      return `${size} for ${names}`;
    });
    const where = limits.length > 1 ? parts.join(', ') : parts[0]!.split(' for ')[0]!;
    return `${cut}: interconnect takes less than a tenth ${where}`;
  });
}

/** Works in a few words: batches next to each other share their word. */
function joinWorks(rows: readonly ScaledRow[]): string {
  const batches = [...new Set(rows.flatMap(({ batch }) => batch ?? []))];
  const prefills = rows.filter(({ batch }) => batch === undefined);
  const others = [...new Set(prefills.map(({ work }) => work))];
  const [first, last] = [batches[0], batches.at(-1)];
  const range = first === last ? first : `${first} to ${last}`;
  const decode = first === undefined ? [] : [`decode of batch ${range}`];
  return [...decode, ...others].join(' and ');
}

/** The largest number of chips up to which all keep `PAINLESS_KEPT`. */
function painlessChips(rows: readonly ScaledRow[]): number {
  const sorted = rows.toSorted((a, b) => a.chipCount - b.chipCount);
  const first = sorted.findIndex(({ kept }) => kept < PAINLESS_KEPT);
  const last = first < 0 ? sorted.at(-1) : sorted[first - 1];
  return last?.chipCount ?? 1;
}

function cutName({ cut, collective }: ScaledRow): string {
  return cut === 'tensor'
    ? `Tensor shares, ${collective === 'nccl' ? 'NCCL' : collective} all-reduce`
    : 'Pipeline stages';
}

/** 1, 2, 4 … and the last. */
function powersUpTo(last: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count < last; count *= 2) counts.push(count);
  return [...counts, last];
}

/**
 * Waterfalls of one described run: its own plan's, walked, and those of 8B and 70B in closed form
 * beside it, as a small model inflates communication.
 */
import type { Line } from '../table.ts';
import type { LinkSpec } from '@wafer/core';
import { closedWaterfall, LLAMA_3_70B, LLAMA_3_8B, waterfall } from '@wafer/timing';
import type { AllReduceKind, ExchangeKind, WaterfallRow } from '@wafer/timing';
import type { DescribedRun } from './described-run.ts';
import { waterfallTable } from './described-text.ts';

/** A waterfall and what it is of. */
export interface Fall {
  model: string;
  clock: 'simulated' | 'closed form';
  link: string;
  collective: ExchangeKind;
  rows: WaterfallRow[];
}

/** The plan's own waterfall, and those of 8B and 70B in closed form, for each all-reduce. */
export function waterfalls(run: DescribedRun, link: LinkSpec): Fall[] {
  const { plan, machine, dice, step, elementBytes, model } = run;
  const isColumn = plan.options.tensor === 'column';
  const kinds = run.collectives.filter((kind) => kind !== 'custom' || link.customKernels);
  const base = { machine, step, link, elementBytes };
  const walked = (isColumn ? ['messages' as const] : kinds).map((collective): Fall => {
    const rows = waterfall(plan, { ...base, dice, collective });
    return { model, clock: 'simulated', link: link.name, collective, rows };
  });
  const shapes = [
    ['8B', LLAMA_3_8B],
    ['70B', LLAMA_3_70B],
  ] as const;
  const closed = shapes.flatMap(([shape, spec]) =>
    kinds.map((collective): Fall => {
      const chipCount = plan.tiles.length;
      const kind = collective as AllReduceKind;
      const rows = closedWaterfall({ ...base, spec, type: 'bf16', chipCount, kind });
      return { model: shape, clock: 'closed form', link: link.name, collective, rows };
    }),
  );
  return [...walked, ...closed];
}

/** A table of waterfalls, with what it must be read with. */
export function fallLines(falls: readonly Fall[], link: Pick<LinkSpec, 'title'>): Line[] {
  const titled = falls.map(({ model, clock, collective, rows }) => ({
    title: `${clock === 'closed form' ? `${model} closed` : 'walk'} ${collective}`,
    rows,
  }));
  return [
    `From the uncut wafer to chips over ${link.title}: tokens/s, and of the uncut wafer`,
    waterfallTable(titled),
    'Arithmetic and kernel floors are those of the chip in every row; the cut alone costs nothing.',
  ];
}

import { prepareModel } from '@wafer/runtime/internal';
import type { HostFigures, KernelShape, KernelTime, MessageRate } from '@wafer/timing';
import { expect, test } from 'vitest';
import { gridOptions, linksOf } from './asked.ts';
import type { NamedLink } from './asked.ts';
import { smallFigures } from './host-figures.ts';
import type { SmallWafers } from './host-figures.ts';
import type { HostTimes } from './host-row.ts';
import { smallModel } from './small-bench.ts';
import type { Small } from './small-bench.ts';
import { ToldRow } from './told-row.ts';

const SIZE = { promptTokens: 64, maxTokens: 48 };
const [WHOLE, PORT, UNIX] = linksOf(2, ['port', 'unix']);

function rowOf(name: Small, tiles: number, link: NamedLink): { told: ToldRow } {
  const given = { ...gridOptions(tiles), ...link.options };
  const { plan, options } = prepareModel(smallModel(name, SIZE), given);
  return { told: new ToldRow(plan, { size: SIZE, options }) };
}

const cutOf = (link: NamedLink) => ({
  deep: rowOf('deep', 2, link),
  wide: rowOf('wide', 2, link),
  broad: rowOf('broad', 2, link),
});
const ROWS: SmallWafers<{ told: ToldRow }> = {
  shallow: rowOf('shallow', 1, WHOLE!),
  deep: rowOf('deep', 1, WHOLE!),
  pair: { shallow: rowOf('shallow', 2, WHOLE!), ...cutOf(WHOLE!) },
  cuts: { port: cutOf(PORT!), unix: cutOf(UNIX!) },
};

/** Any other shape takes as long for its work. */
const KERNELS: KernelTime[] = [1, 64].flatMap((tokens) => {
  const matrix = { op: 'linear', rows: 256, columns: 256, tokens } as const;
  const shapes: KernelShape[] = [
    { ...matrix, type: 'f32' },
    { ...matrix, type: 'q8_0' },
    { op: 'attend', heads: 4, kvHeads: 2, headWidth: 16, positions: 64, tokens },
    { op: 'rope', heads: 4, headWidth: 16, tokens },
    ...(['norm', 'swiglu', 'add'] as const).map((op) => ({ op, width: 64, tokens })),
  ];
  return shapes.map((shape) => {
    const ns = (shape.op === 'linear' ? 10_000 : 100) * tokens;
    return { shape, aloneNs: ns, togetherNs: ns };
  });
});

const KNOWN = {
  ...{ cores: 2, spinNs: 30_000, wakeNs: 20_000, handoverBytesPerNs: 10 },
  ...{ rowBytesPerNs: 20, kernels: KERNELS },
};
const WINDOW: MessageRate = { sendNs: 400, takeNs: 0, bytesPerNs: 10, coldNs: 0 };
const LINKS: Readonly<Record<string, MessageRate>> = {
  port: { sendNs: 2500, takeNs: 2500, bytesPerNs: 1, coldNs: 6000 },
  unix: { ...WINDOW, coldNs: 12_000, io: { turnNs: 15_000, bytesPerNs: 0.5 } },
};
const TRUTH: HostFigures = {
  ...KNOWN,
  ...{ callNs: 80, turnNs: 20_000, pieceNs: 10_000, requestNs: 250_000 },
  ...{ window: WINDOW, link: WINDOW },
};

/** What a wafer takes on a host of these figures. */
function timesOf({ told }: { told: ToldRow }, figures: HostFigures): HostTimes {
  const decodeMs = told.decode(figures).stepNs / 1e6;
  return { decodeMs, prefillMs: told.prefill(figures).stepNs / 1e6, pieceNs: figures.pieceNs };
}

test('figures are found again in the times that the clock tells of them', () => {
  const cutTimes = (cut: ReturnType<typeof cutOf>, figures: HostFigures) => ({
    deep: timesOf(cut.deep, figures),
    wide: timesOf(cut.wide, figures),
    broad: timesOf(cut.broad, figures),
  });
  const { shallow, deep, pair, cuts } = ROWS;
  const times: SmallWafers<HostTimes> = {
    shallow: timesOf(shallow, TRUTH),
    deep: timesOf(deep, TRUTH),
    pair: { shallow: timesOf(pair!.shallow, TRUTH), ...cutTimes(pair!, TRUTH) },
    cuts: Object.fromEntries(
      Object.entries(cuts).map(([name, cut]) => [
        name,
        cutTimes(cut, { ...TRUTH, link: LINKS[name]! }),
      ]),
    ),
  };
  const found = smallFigures(ROWS, times, KNOWN);
  const isNear = (value: number, wanted: number): unknown =>
    expect(value / wanted).toSatisfy((ratio: number) => ratio > 0.95 && ratio < 1.05);
  isNear(found['none']!.callNs, TRUTH.callNs);
  isNear(found['none']!.requestNs, TRUTH.requestNs);
  isNear(found['port']!.link.sendNs, LINKS['port']!.sendNs);
  isNear(found['port']!.link.coldNs, LINKS['port']!.coldNs);
  const { io, coldNs } = found['unix']!.link;
  isNear(io!.turnNs, LINKS['unix']!.io!.turnNs);
  isNear(io!.bytesPerNs, LINKS['unix']!.io!.bytesPerNs);
  isNear(coldNs, LINKS['unix']!.coldNs);
});

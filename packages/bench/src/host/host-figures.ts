/**
 * The figures of this host that no kernel shows: turns, requests and messages, from a model so
 * small that little else takes time. It is not among those that are judged.
 *
 *   one tile              turn = what a token takes beyond its ops and calls
 *                         request = what a prompt takes beyond its step
 *   two and four tiles,   a message's cost to its sender and its way, at which the clock tells the
 *   cut by nothing or a   token of both; and for links its bytes a second, at which it tells the
 *   link                  prompt
 */
import { solveFor } from '@wafer/timing';
import type { HostFigures, MessageRate } from '@wafer/timing';
import type { KernelFigures } from './host-kernels.ts';
import type { ReadFigures } from './host-reads.ts';
import type { HostRow, HostTimes } from './host-row.ts';

/** The same cut of two tiles and of four. */
export interface Pair<Value> {
  readonly two: Value;
  readonly four: Value;
}

/** The tiny wafers: one tile, and pairs by the name of what cuts them, `none` among them. */
export interface TinyRows {
  one: HostRow;
  pairs: Readonly<Record<string, Pair<HostRow>>>;
}

/** Times of a round, by row. */
export interface TinyTimes {
  one: HostTimes;
  pairs: Readonly<Record<string, Pair<HostTimes>>>;
}

const FREE: MessageRate = { sendNs: 0, wayNs: 0, bytesPerNs: 1e6 };
/** Shares of a message that its sender may pay. */
const SENDER = { low: 0.01, high: 1 };
const MESSAGE_NS = { low: 1, high: 1e8 };
/** Links move bytes through as many copies at most. */
const COPIES_MAX = 16;

/** Asks every tiny wafer once more. */
export async function measureTiny({ one, pairs }: TinyRows): Promise<TinyTimes> {
  const times: Record<string, Pair<HostTimes>> = {};
  const first = await one.measure();
  for (const [name, { two, four }] of Object.entries(pairs)) {
    times[name] = { two: await two.measure(), four: await four.measure() };
  }
  return { one: first, pairs: times };
}

/** Figures by link, and as `none` those of windows alone. */
export function tinyFigures(
  rows: TinyRows,
  times: TinyTimes,
  rates: KernelFigures & ReadFigures,
): Readonly<Record<string, HostFigures>> {
  const { decodeMs, prefillMs } = times.one;
  const free = { ...rates, turnNs: 0, requestNs: 0, window: FREE, link: FREE };
  const turnNs = Math.max(0, decodeMs * 1e6 - rows.one.tellDecode(free).stepNs);
  const turned = { ...free, turnNs };
  const requestNs = Math.max(0, prefillMs * 1e6 - rows.one.tellPrefill(turned).stepNs);
  const asked = { ...turned, requestNs };
  const found: Record<string, HostFigures> = {};
  for (const [name, pair] of Object.entries(rows.pairs)) {
    const whole = found['none'];
    const withRate = (rate: MessageRate): HostFigures =>
      whole === undefined ? { ...asked, window: rate } : { ...whole, link: rate };
    const rate = messageRate(pair, times.pairs[name]!, {
      figuresOf: withRate,
      bytesPerNs: rates.handoverBytesPerNs,
      isCopied: whole !== undefined,
    });
    found[name] = withRate(rate);
  }
  return found;
}

interface RateUse {
  figuresOf: (rate: MessageRate) => HostFigures;
  /** Of bytes that one core writes and another reads. */
  bytesPerNs: number;
  /** Whether bytes go through more hands than those two. */
  isCopied: boolean;
}

/** What a message takes so that the clock tells what was measured of two tiles and of four. */
function messageRate(rows: Pair<HostRow>, times: Pair<HostTimes>, use: RateUse): MessageRate {
  const { figuresOf, bytesPerNs, isCopied } = use;
  const rateAt = (wholeNs: number, senderShare: number): MessageRate => ({
    sendNs: wholeNs * senderShare,
    wayNs: wholeNs * (1 - senderShare),
    bytesPerNs,
  });
  const wholeNs = (senderShare: number): number =>
    solveFor(
      times.two.decodeMs * 1e6,
      (ns) => rows.two.tellDecode(figuresOf(rateAt(ns, senderShare))).stepNs,
      MESSAGE_NS,
    );
  const senderShare = solveFor(
    times.four.decodeMs * 1e6,
    (share) => rows.four.tellDecode(figuresOf(rateAt(wholeNs(share), share))).stepNs,
    SENDER,
  );
  const rate = rateAt(wholeNs(senderShare), senderShare);
  if (!isCopied) return rate;
  const copies = solveFor(
    times.two.prefillMs * 1e6,
    (count) => rows.two.tellPrefill(figuresOf({ ...rate, bytesPerNs: bytesPerNs / count })).stepNs,
    { low: 1, high: COPIES_MAX },
  );
  return { ...rate, bytesPerNs: bytesPerNs / copies };
}

/**
 * The figures of this host that no kernel shows: calls, turns, requests and messages, from models
 * so small that little else takes time. They are not among those that are judged.
 *
 *   one tile, shallow     turn = what a token takes beyond its kernels and calls
 *   and deep              call = what more layers take beyond their kernels, by instruction
 *                         request = what a prompt takes beyond its step
 *                         piece = processor time of the caller's thread, by token
 *   two tiles, deep,      what a message takes beyond a wake, at which the clock tells the token;
 *   by what cuts them     and for links bytes a second, at which it tells the prompt
 */
import { solveFor } from '@wafer/timing';
import type { HostFigures, MessageRate } from '@wafer/timing';
import type { HostRow, HostTimes } from './host-row.ts';

/** The small wafers: one tile of few layers and of many, and two tiles by what cuts them. */
export interface SmallWafers<Each> {
  shallow: Each;
  deep: Each;
  /** By the name of a link, `none` among them and first. */
  pairs: Readonly<Record<string, Each>>;
}

/** Asks every small wafer once more. */
export async function measureSmall(
  rows: SmallWafers<HostRow>,
  quantile: number,
): Promise<SmallWafers<HostTimes>> {
  const shallow = await rows.shallow.measure(quantile);
  const deep = await rows.deep.measure(quantile);
  const pairs: Record<string, HostTimes> = {};
  for (const [name, row] of Object.entries(rows.pairs)) pairs[name] = await row.measure(quantile);
  return { shallow, deep, pairs };
}

/** What is known before small wafers are looked at; `kernels` are those of their own sizes. */
export type KnownFigures = Pick<
  HostFigures,
  'cores' | 'spinNs' | 'wakeNs' | 'handoverBytesPerNs' | 'kernels' | 'rowBytesPerNs'
>;

const FREE: MessageRate = { sendNs: 0, takeNs: 0, bytesPerNs: 1e6 };
const MESSAGE_NS = { low: 1, high: 1e8 };
/** Links move bytes through as many copies at most. */
const COPIES = { low: 1, high: 64 };

/** Figures by link, and as `none` those of windows alone. */
export function smallFigures(
  rows: SmallWafers<HostRow>,
  times: SmallWafers<HostTimes>,
  known: KnownFigures,
): Readonly<Record<string, HostFigures>> {
  const one = oneTileFigures(rows, times, known);
  const found: Record<string, HostFigures> = {};
  let window = FREE;
  for (const [name, row] of Object.entries(rows.pairs)) {
    const measured = times.pairs[name]!;
    if (name === 'none') {
      const rateOf = (sendNs: number): MessageRate => ({
        ...{ sendNs, takeNs: 0, bytesPerNs: known.handoverBytesPerNs },
      });
      const told = (ns: number): number => row.tellDecode({ ...one, window: rateOf(ns) }).stepNs;
      window = rateOf(solveFor(measured.decodeMs * 1e6, told, MESSAGE_NS));
      found[name] = { ...one, window };
    } else {
      found[name] = linkFigures(row, measured, { ...one, window });
    }
  }
  return found;
}

function oneTileFigures(
  { shallow, deep }: SmallWafers<HostRow>,
  times: SmallWafers<HostTimes>,
  known: KnownFigures,
): HostFigures {
  const free: HostFigures = {
    ...known,
    ...{ callNs: 0, turnNs: 0, pieceNs: 0, requestNs: 0, window: FREE, link: FREE },
  };
  const beyond = (row: HostRow, { decodeMs }: HostTimes, figures: HostFigures): number =>
    decodeMs * 1e6 - row.tellDecode(figures).stepNs;
  const moreNs = beyond(deep, times.deep, free) - beyond(shallow, times.shallow, free);
  const callNs = Math.max(0, moreNs / (deep.callCount - shallow.callCount));
  const called = { ...free, callNs, pieceNs: times.shallow.pieceNs };
  const turnNs = Math.max(0, beyond(shallow, times.shallow, called));
  const turned = { ...called, turnNs };
  const promptNs = times.shallow.prefillMs * 1e6;
  const requestNs = Math.max(0, promptNs - shallow.tellPrefill(turned).stepNs);
  return { ...turned, requestNs };
}

/** What a message takes so that the clock tells what was measured of two tiles. */
function linkFigures(row: HostRow, measured: HostTimes, figures: HostFigures): HostFigures {
  const { handoverBytesPerNs: whole, window } = figures;
  // Between threads both ends pack and copy; between processes I/O threads do.
  const linkOf = (ns: number, copies: number): MessageRate =>
    row.isBetweenProcesses
      ? { ...window, io: { turnNs: ns, bytesPerNs: whole / copies } }
      : { sendNs: ns, takeNs: ns, bytesPerNs: whole / copies };
  const wantedNs = { decode: measured.decodeMs * 1e6, prefill: measured.prefillMs * 1e6 };
  let [messageNs, copies] = [1, 1];
  // Each moves the other little: a token has few bytes, a prompt few messages for its bytes.
  for (let i = 0; i < SOLVES; i++) {
    messageNs = solveFor(
      wantedNs.decode,
      (ns) => row.tellDecode({ ...figures, link: linkOf(ns, copies) }).stepNs,
      MESSAGE_NS,
    );
    copies = solveFor(
      wantedNs.prefill,
      (count) => row.tellPrefill({ ...figures, link: linkOf(messageNs, count) }).stepNs,
      COPIES,
    );
  }
  return { ...figures, link: linkOf(messageNs, copies) };
}

const SOLVES = 3;

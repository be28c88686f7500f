/**
 * The figures of this host that no kernel shows: calls, turns, requests and messages, from models
 * so small that little else takes time. They are not among those that are judged.
 *
 *   one tile, shallow     turn = what a token takes beyond its kernels and calls
 *   and deep              call = what more layers take beyond their kernels, by instruction
 *                         request = what a prompt takes beyond its step
 *                         piece = processor time of the caller's thread, by token
 *   two tiles, shallow    message = what a message takes beyond a wake, and turn where the engine
 *   and deep              has no core of its own, at which the clock tells both tokens
 *   the same cut,         message of a link, at which the clock tells the token of the deep one;
 *   deep and wide         bytes a second, at which it tells what the link adds to the wide one
 */
import { solveFor } from '@wafer/timing';
import type { HostFigures, MessageRate } from '@wafer/timing';
import type { HostRow, HostTimes } from './host-row.ts';

/** The small wafers. */
export interface SmallWafers<Each> {
  /** One tile. */
  shallow: Each;
  deep: Each;
  /** Two tiles of a whole wafer, where any are asked for. */
  pair: Pair<Each> | undefined;
  /** Two tiles by the link that cuts them. */
  cuts: Readonly<Record<string, Cut<Each>>>;
}

/** Many messages, and few large ones. */
interface Cut<Each> {
  deep: Each;
  wide: Each;
}

/** And few messages. */
interface Pair<Each> extends Cut<Each> {
  shallow: Each;
}

/** Asks every small wafer once more. */
export async function measureSmall(
  { shallow, deep, pair, cuts }: SmallWafers<HostRow>,
  quantile: number,
): Promise<SmallWafers<HostTimes>> {
  const ask = (row: HostRow): Promise<HostTimes> => row.measure(quantile);
  const askCut = async (rows: Cut<HostRow>): Promise<Cut<HostTimes>> => ({
    deep: await ask(rows.deep),
    wide: await ask(rows.wide),
  });
  const found: Record<string, Cut<HostTimes>> = {};
  for (const [link, rows] of Object.entries(cuts)) found[link] = await askCut(rows);
  return {
    ...{ shallow: await ask(shallow), deep: await ask(deep), cuts: found },
    pair: pair && { shallow: await ask(pair.shallow), ...(await askCut(pair)) },
  };
}

/** What is known before small wafers are looked at; `kernels` are those of their own sizes. */
export type KnownFigures = Pick<
  HostFigures,
  'cores' | 'spinNs' | 'wakeNs' | 'handoverBytesPerNs' | 'kernels' | 'rowBytesPerNs'
>;

const FREE: MessageRate = { sendNs: 0, takeNs: 0, bytesPerNs: 1e6 };
const SPENT_NS = { low: 1, high: 1e8 };
/** A link moves bytes so many times slower than one core hands them to another. */
const SLOWER = { low: 1, high: 1e4 };

/** Figures by link, and as `none` those of a whole wafer. */
export function smallFigures(
  rows: SmallWafers<HostRow>,
  times: SmallWafers<HostTimes>,
  known: KnownFigures,
): Readonly<Record<string, HostFigures>> {
  const one = oneTileFigures(rows, times, known);
  if (!rows.pair || !times.pair) return { none: one };
  const figures = pairFigures(rows.pair, times.pair, one);
  const whole = { rows: rows.pair, times: times.pair, figures };
  const found: Record<string, HostFigures> = { none: figures };
  for (const [link, cut] of Object.entries(rows.cuts)) {
    found[link] = { ...figures, link: linkRate(cut, times.cuts[link]!, whole) };
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
    ...{ callNs: 0, turnNs: 0, pieceNs: 0, requestNs: 0 },
    ...{ window: FREE, link: FREE },
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

/** What messages and turns take where the engine has no core of its own. */
function pairFigures(rows: Pair<HostRow>, times: Pair<HostTimes>, one: HostFigures): HostFigures {
  let figures = one;
  // A deep model has messages above all, a shallow one turns.
  for (let i = 0; i < SOLVES; i++) {
    const windowOf = (sendNs: number): MessageRate => ({
      ...{ sendNs, takeNs: 0, bytesPerNs: one.handoverBytesPerNs },
    });
    const tellDeep = (ns: number): number =>
      rows.deep.tellDecode({ ...figures, window: windowOf(ns) }).stepNs;
    const window = windowOf(solveFor(times.deep.decodeMs * 1e6, tellDeep, SPENT_NS));
    const free = { ...figures, window, turnNs: 0 };
    const turnNs = times.shallow.decodeMs * 1e6 - rows.shallow.tellDecode(free).stepNs;
    figures = { ...free, turnNs: Math.max(0, turnNs) };
  }
  return figures;
}

/** A whole wafer of two tiles: what else a cut one takes, and how wrong it is told, is in both. */
interface Whole {
  rows: Pair<HostRow>;
  times: Pair<HostTimes>;
  figures: HostFigures;
}

/** What messages of a link take. */
function linkRate(
  cut: Cut<HostRow>,
  times: Cut<HostTimes>,
  { rows, times: wholeTimes, figures }: Whole,
): MessageRate {
  const { handoverBytesPerNs: rate, window } = figures;
  // Between threads both ends pack and copy; between processes I/O threads do.
  const linkOf = (ns: number, slower: number): MessageRate =>
    cut.deep.isBetweenProcesses
      ? { ...window, io: { turnNs: ns, bytesPerNs: rate / slower } }
      : { sendNs: ns, takeNs: ns, bytesPerNs: rate / slower };
  const tellDeep = (link: MessageRate): number => cut.deep.tellDecode({ ...figures, link }).stepNs;
  const tellWide = (row: HostRow, link: MessageRate): number =>
    row.tellDecode({ ...figures, link }).stepNs + row.tellPrefill({ ...figures, link }).stepNs;
  const askedNs = ({ decodeMs, prefillMs }: HostTimes): number => (decodeMs + prefillMs) * 1e6;
  const deepNs = times.deep.decodeMs * 1e6;
  const addedNs = askedNs(times.wide) - askedNs(wholeTimes.wide);
  const wideNs = tellWide(rows.wide, figures.link) + addedNs;
  let [messageNs, slower] = [1, 1];
  // Each moves the other little: a token has few bytes, a prompt few messages for its bytes.
  for (let i = 0; i < SOLVES; i++) {
    messageNs = solveFor(deepNs, (ns) => tellDeep(linkOf(ns, slower)), SPENT_NS);
    slower = solveFor(wideNs, (by) => tellWide(cut.wide, linkOf(messageNs, by)), SLOWER);
  }
  return linkOf(messageNs, slower);
}

const SOLVES = 3;

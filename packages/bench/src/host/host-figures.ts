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
 *   the same cut:         message of a link, at which the clock tells the token of the deep one;
 *   deep, wide, broad     bytes a second, at which it tells what the link adds to the wide one;
 *                         what its code takes more out of caches, what it adds to the broad one
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

/** Many messages, few large ones, and many between which megabytes of weights are read. */
interface Cut<Each> {
  deep: Each;
  wide: Each;
  broad: Each;
}

/** And few messages. */
interface Pair<Each> extends Cut<Each> {
  shallow: Each;
}

/** A row as figures need it. */
type Told = Pick<HostRow, 'told'>;

/** Asks every small wafer once more. */
export async function measureSmall(
  { shallow, deep, pair, cuts }: SmallWafers<HostRow>,
  quantile: number,
): Promise<SmallWafers<HostTimes>> {
  const ask = (row: HostRow): Promise<HostTimes> => row.measure(quantile);
  const askCut = async (rows: Cut<HostRow>): Promise<Cut<HostTimes>> => ({
    deep: await ask(rows.deep),
    wide: await ask(rows.wide),
    broad: await ask(rows.broad),
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

const FREE: MessageRate = { sendNs: 0, takeNs: 0, bytesPerNs: 1e6, coldNs: 0 };
const SPENT_NS = { low: 1, high: 1e8 };
/** A link moves bytes so many times slower than one core hands them to another. */
const SLOWER = { low: 1, high: 1e4 };

/** Figures by link, and as `none` those of a whole wafer. */
export function smallFigures(
  rows: SmallWafers<Told>,
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
  { shallow, deep }: SmallWafers<Told>,
  times: SmallWafers<HostTimes>,
  known: KnownFigures,
): HostFigures {
  const free: HostFigures = {
    ...known,
    ...{ callNs: 0, turnNs: 0, pieceNs: 0, requestNs: 0 },
    ...{ window: FREE, link: FREE },
  };
  const beyond = (row: Told, { decodeMs }: HostTimes, figures: HostFigures): number =>
    decodeMs * 1e6 - row.told.decode(figures).stepNs;
  const moreNs = beyond(deep, times.deep, free) - beyond(shallow, times.shallow, free);
  const callNs = Math.max(0, moreNs / (deep.told.callCount - shallow.told.callCount));
  const called = { ...free, callNs, pieceNs: times.shallow.pieceNs };
  const turnNs = Math.max(0, beyond(shallow, times.shallow, called));
  const turned = { ...called, turnNs };
  const promptNs = times.shallow.prefillMs * 1e6;
  const requestNs = Math.max(0, promptNs - shallow.told.prefill(turned).stepNs);
  return { ...turned, requestNs };
}

/** What messages and turns take where the engine has no core of its own. */
function pairFigures(rows: Pair<Told>, times: Pair<HostTimes>, one: HostFigures): HostFigures {
  let figures = one;
  // A deep model has messages above all, a shallow one turns.
  for (let i = 0; i < SOLVES; i++) {
    const windowOf = (sendNs: number): MessageRate => ({
      ...{ sendNs, takeNs: 0, bytesPerNs: one.handoverBytesPerNs, coldNs: 0 },
    });
    const tellDeep = (ns: number): number =>
      rows.deep.told.decode({ ...figures, window: windowOf(ns) }).stepNs;
    const window = windowOf(solveFor(times.deep.decodeMs * 1e6, tellDeep, SPENT_NS));
    const free = { ...figures, window, turnNs: 0 };
    const turnNs = times.shallow.decodeMs * 1e6 - rows.shallow.told.decode(free).stepNs;
    figures = { ...free, turnNs: Math.max(0, turnNs) };
  }
  return figures;
}

/** A whole wafer of two tiles: what else a cut one takes, and how wrong it is told, is in both. */
interface Whole {
  rows: Pair<Told>;
  times: Pair<HostTimes>;
  figures: HostFigures;
}

/** What messages of a link take. */
function linkRate(
  cut: Cut<Told>,
  times: Cut<HostTimes>,
  { rows, times: wholeTimes, figures }: Whole,
): MessageRate {
  const { handoverBytesPerNs: rate, window } = figures;
  // Between threads both ends pack and copy; between processes I/O threads do.
  const linkOf = ({ ns, slower, coldNs }: Spent): MessageRate =>
    cut.deep.told.isBetweenProcesses
      ? { ...window, coldNs, io: { turnNs: ns, bytesPerNs: rate / slower } }
      : { sendNs: ns, takeNs: ns, bytesPerNs: rate / slower, coldNs };
  const tellToken = (row: Told, link: MessageRate): number =>
    row.told.decode({ ...figures, link }).stepNs;
  const tellAnswer = (row: Told, link: MessageRate): number =>
    tellToken(row, link) + row.told.prefill({ ...figures, link }).stepNs;
  const answerNs = ({ decodeMs, prefillMs }: HostTimes): number => (decodeMs + prefillMs) * 1e6;
  const tokenNs = ({ decodeMs }: HostTimes): number => decodeMs * 1e6;
  const deepNs = tokenNs(times.deep);
  const wideNs =
    tellAnswer(rows.wide, figures.link) + answerNs(times.wide) - answerNs(wholeTimes.wide);
  const broadNs =
    tellToken(rows.broad, figures.link) + tokenNs(times.broad) - tokenNs(wholeTimes.broad);
  let spent: Spent = { ns: 1, slower: 1, coldNs: 1 };
  // Each moves the others little: a token has few bytes, a prompt few messages for its bytes, and
  // small weights leave the caches to messages.
  for (let i = 0; i < SOLVES; i++) {
    const by = (more: Partial<Spent>): MessageRate => linkOf({ ...spent, ...more });
    const ns = solveFor(deepNs, (each) => tellToken(cut.deep, by({ ns: each })), SPENT_NS);
    spent = { ...spent, ns };
    const slower = solveFor(wideNs, (each) => tellAnswer(cut.wide, by({ slower: each })), SLOWER);
    spent = { ...spent, slower };
    const coldNs = solveFor(
      broadNs,
      (each) => tellToken(cut.broad, by({ coldNs: each })),
      SPENT_NS,
    );
    spent = { ...spent, coldNs };
  }
  return linkOf(spent);
}

/** What a link's messages take, and how many times slower than a handover its bytes are. */
interface Spent {
  ns: number;
  slower: number;
  coldNs: number;
}

const SOLVES = 3;

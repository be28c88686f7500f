/**
 * Faults on links, one kind after the other and all at once, until enough were injected.
 *
 * Virtual links have virtual time: a seed replays them. Sockets are real, and so is their time. A
 * message that arrives wrong is found by its receiver, which knows what it must contain; it ends
 * the row, with what was found.
 */
import { minOf } from '@wafer/core';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ErrorCode } from '@wafer/core';
import { emptyStats, everyFault, FAULTS, mix, SOCKET_KINDS } from '@wafer/fabric/links';
import type { Fault, LinkClock, LinkStats, PerFault, SocketKind } from '@wafer/fabric/links';
import { stressLinks } from './links.ts';
import { stressSocketLinks } from './socket-links.ts';

export const STRESS_WIRES: readonly (SocketKind | 'virtual')[] = ['virtual', ...SOCKET_KINDS];
export type StressWire = (typeof STRESS_WIRES)[number];

export interface LinkStressOptions {
  seed: number;
  wires: readonly StressWire[];
  /** Faults of each kind to inject at least on virtual links. */
  faultsMin: number;
  /** Links over each kind of socket. */
  socketLinks: number;
  signal?: AbortSignal;
  report?: (done: number, total: number, what: string) => void;
}

export interface LinkStressRow {
  wire: StressWire;
  kind: Fault | 'all';
  links: number;
  delivered: number;
  injected: number;
  /** Damages, gaps, repeats and silences that ends noticed; one fault may show several times. */
  detected: number;
  /** Times that an end had frames sent again. */
  recoveries: number;
  /** Links that delivered all and closed. */
  closed: number;
  /** Links that ended with a code. */
  coded: number;
  codes: Partial<Record<ErrorCode, number>>;
  /** Messages that arrived wrong: none, or the one that ended the row. */
  wrong: number;
  /** What was wrong. */
  reason: string | undefined;
}

const RATE = 0.06;
/** Links of a piece, between which a signal is heard. */
const PIECE_MESSAGES = 4000;
const SOCKET_MESSAGES = 200;
const SOCKET_RATE = 0.01;

/** Runs every row. Throws: the signal's reason. */
export async function stressAllLinks(options: LinkStressOptions): Promise<LinkStressRow[]> {
  const rows: LinkStressRow[] = [];
  for (const wire of options.wires) {
    const kinds = wire === 'virtual' ? ([...FAULTS, 'all'] as const) : (['all'] as const);
    for (const kind of kinds) {
      const row = emptyRow(wire, kind);
      rows.push(row);
      try {
        await (wire === 'virtual' ? runVirtual(row, options) : runSockets(row, wire, options));
      } catch (error) {
        options.signal?.throwIfAborted();
        row.wrong++;
        row.reason = String(error);
      }
    }
  }
  return rows;
}

async function runVirtual(row: LinkStressRow, options: LinkStressOptions): Promise<void> {
  const { seed, faultsMin } = options;
  const faults = ratesOf(row.kind, row.kind === 'all' ? RATE / 2 : RATE);
  const least = everyFault(0);
  const done = (): number =>
    row.kind === 'all' ? minOf(FAULTS.map((fault) => least[fault])) : row.injected;
  for (let piece = 0; done() < faultsMin; piece++) {
    options.signal?.throwIfAborted();
    const part = stressLinks({ seed: mix(seed + piece), messages: PIECE_MESSAGES, faults });
    for (const fault of FAULTS) least[fault] += part.faults[fault];
    add(row, { ...part, delivered: part.messagesDelivered });
    options.report?.(Math.min(done(), faultsMin), faultsMin, `${row.wire} links, ${row.kind}`);
    await nextTurn();
  }
}

async function runSockets(
  row: LinkStressRow,
  kind: SocketKind,
  options: LinkStressOptions,
): Promise<void> {
  const { seed, socketLinks } = options;
  for (let link = 0; link < socketLinks; link++) {
    options.signal?.throwIfAborted();
    const part = await stressSocketLinks({
      kind,
      seed: mix(seed + link),
      links: 1,
      messages: SOCKET_MESSAGES,
      faults: ratesOf(row.kind, SOCKET_RATE),
      clock: CLOCK,
    });
    add(row, { ...part, links: 1, delivered: part.messagesDelivered });
    options.report?.(link + 1, socketLinks, `${kind} sockets`);
  }
}

const CLOCK: LinkClock = {
  nowMs: () => performance.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

function ratesOf(kind: LinkStressRow['kind'], rate: number): PerFault {
  return kind === 'all' ? everyFault(rate) : { ...everyFault(0), [kind]: rate };
}

function emptyRow(wire: StressWire, kind: LinkStressRow['kind']): LinkStressRow {
  const counts = { links: 0, delivered: 0, injected: 0, detected: 0, recoveries: 0 };
  return { wire, kind, ...counts, closed: 0, coded: 0, codes: {}, wrong: 0, reason: undefined };
}

interface Part {
  links: number;
  delivered: number;
  ends: Partial<Record<ErrorCode | 'closed', number>>;
  faults: PerFault;
  stats?: LinkStats;
}

function add(row: LinkStressRow, part: Part): void {
  const { damages, gaps, duplicates, timeouts, recoveries } = part.stats ?? emptyStats();
  row.links += part.links;
  row.delivered += part.delivered;
  for (const fault of FAULTS) row.injected += part.faults[fault];
  row.detected += damages + gaps + duplicates + timeouts;
  row.recoveries += recoveries;
  for (const [end, count] of Object.entries(part.ends)) {
    if (end === 'closed') row.closed += count;
    else {
      row.coded += count;
      row.codes[end as ErrorCode] = (row.codes[end as ErrorCode] ?? 0) + count;
    }
  }
}

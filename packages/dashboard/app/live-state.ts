/**
 * What the live view shows, made from two snapshots: rates between them, and a short history.
 */
import { useEffect, useState } from 'preact/hooks';
import type { LiveSnapshot } from '../src/live-snapshot.ts';
import { ask, events, Refused } from './server.ts';

/** A point of the history. */
export interface LivePoint {
  atSeconds: number;
  runningCount: number;
  waitingCount: number;
  /** By tenant. */
  tokensPerSecond: Readonly<Record<string, number>>;
}

export interface LiveState {
  now: LiveSnapshot | undefined;
  before: LiveSnapshot | undefined;
  history: readonly LivePoint[];
  error: string | undefined;
  /** Whether a key of the role admin is missing. */
  needsKey: boolean;
}

const EMPTY: LiveState = {
  now: undefined,
  before: undefined,
  history: [],
  error: undefined,
  needsKey: false,
};
const HISTORY_MAX = 240;
const RETRY_MS = 1500;

/** Follows the server until it is unmounted, or the key changes. */
export function useLive(key: string): LiveState {
  const [state, setState] = useState(EMPTY);
  useEffect(() => {
    const end = new AbortController();
    setState(EMPTY);
    void follow(end.signal, setState);
    return () => end.abort();
  }, [key]);
  return state;
}

async function follow(
  signal: AbortSignal,
  set: (change: (state: LiveState) => LiveState) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await ask('/v1/admin/live', { signal });
      for await (const now of events<LiveSnapshot>(response)) {
        set((state) => step(state, now));
      }
    } catch (error) {
      if (signal.aborted) return;
      const status = error instanceof Refused ? error.status : 0;
      const needsKey = status === 401 || status === 403;
      set((state) => ({ ...state, needsKey, error: (error as Error).message }));
      if (needsKey) return;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function step(state: LiveState, now: LiveSnapshot): LiveState {
  const before = state.now;
  const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1000;
  if (seconds <= 0) return { ...state, now, error: undefined };
  const tokensPerSecond = Object.fromEntries(
    now.tenants.map(({ tenant, generatedTokens }) => {
      const last = before?.tenants.find((one) => one.tenant === tenant)?.generatedTokens ?? 0;
      return [tenant, (generatedTokens - last) / seconds];
    }),
  );
  const wafers = now.models.flatMap(({ wafer }) => (wafer ? [wafer] : []));
  const point = {
    atSeconds: now.atMs / 1000,
    runningCount: sum(wafers.map(({ runningCount }) => runningCount)),
    waitingCount: sum(wafers.map(({ waitingCount }) => waitingCount)),
    tokensPerSecond,
  };
  const history = [...state.history, point].slice(-HISTORY_MAX);
  return { now, before, history, error: undefined, needsKey: false };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A count, short. */
export function count(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toPrecision(3)}G`;
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)}M`;
  return value >= 1e4 ? `${(value / 1e3).toPrecision(3)}k` : String(Math.round(value));
}

/** Bytes per second in units of powers of 1000. */
export function byteRate(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} MB/s`;
  return value >= 1e3 ? `${(value / 1e3).toPrecision(3)} kB/s` : `${Math.round(value)} B/s`;
}

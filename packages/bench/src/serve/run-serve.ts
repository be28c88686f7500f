/**
 * `wafer bench serve`: what a server can do at most, then how it does at shares of that.
 *
 *     warm-up ─▶ closed loop: capacity ─▶ open loop at 0.7, 1, 3 … of it, one after the other
 *
 * All loads send the same requests, with prompts of their own, so that no run feeds the prefix
 * cache of the next; blocks that a trace shares are shared within a round of it.
 */
import { plural, WaferError } from '@wafer/core';
import { describeSetting } from '../machine.ts';
import type { Setting } from '../machine.ts';
import { loadRow } from './load-row.ts';
import type { LoadRow, ServeLimits } from './load-row.ts';
import { closedLoop, openLoop } from './run-load.ts';
import type { LoadRun } from './run-load.ts';
import type { RequestRecord } from './stream-request.ts';
import type { MeasuredServer } from './target.ts';
import { atRate } from './workload.ts';
import type { PlannedRequest, Repeats } from './workload.ts';

export interface ServeOptions {
  /** Of servers that take the same requests, one server after the other. */
  targets: readonly { name: string; target: MeasuredServer }[];
  requests: readonly PlannedRequest[];
  /** Of requests, for the report. */
  workload: string;
  /** Shares of each server's own capacity. */
  loads: readonly number[];
  /** Instead of shares: one load at this rate. */
  requestsPerSecond?: number | undefined;
  /** Of a run, in which the requests are sent over and over. Default: they are sent once. */
  seconds?: number | undefined;
  /** Under way at once when capacity is measured. */
  workers: number;
  limits: ServeLimits;
  signal: AbortSignal;
  say: (text: string) => void;
}

/** One server's rows and what they are made of. */
export interface ServedResults {
  name: string;
  model: string;
  prompts: 'ids' | 'words';
  capacityPerSecond: number;
  rows: LoadRow[];
  /** Of each row. */
  records: RequestRecord[][];
}

export interface ServeResults {
  setting: Setting;
  workload: string;
  limits: ServeLimits;
  /** Different ones; each row says how many were sent. */
  requestCount: number;
  /** Of a run that sends them over and over. */
  seconds?: number | undefined;
  servers: ServedResults[];
}

const WARM_UP_COUNT = 4;
/** Requests that a capacity run is given, in those that the run before it came to. */
const CAPACITY_MARGIN = 10;

/** Measures all servers. Throws: the signal's reason. */
export async function runServe(options: ServeOptions): Promise<ServeResults> {
  const { targets, workload, limits, requests, seconds } = options;
  const servers: ServedResults[] = [];
  for (const { name, target } of targets) servers.push(await measureServer(name, target, options));
  const about = { workload, limits, requestCount: requests.length, seconds };
  return { setting: describeSetting(), ...about, servers };
}

async function measureServer(
  name: string,
  target: MeasuredServer,
  options: ServeOptions,
): Promise<ServedResults> {
  const { requests, limits, signal, say, workers, loads, seconds } = options;
  let firstNumber = 1;
  const taken = ({ records }: LoadRun): void => void (firstNumber += records.length);
  const warmUp = requests.slice(0, WARM_UP_COUNT);
  taken(await closedLoop(target, warmUp, { signal, workers: 1, firstNumber }));
  say(`${name}: capacity, ${plural(requests.length, 'request')}, ${workers} at once`);
  // Its workers are its bound: who is refused at once would ask again at once.
  const unbounded = { ...target, headers: {} };
  const closed = async (repeats?: Repeats): Promise<{ run: LoadRun; row: LoadRow }> => {
    const run = await closedLoop(unbounded, requests, { signal, workers, repeats, firstNumber });
    taken(run);
    const row = loadRow(run, { name: `closed loop, ${workers} at once`, limits });
    if (row.answeredCount > 0) return { run, row };
    const failed = run.records.find(({ outcome }) => outcome !== 'answered');
    const reason = `nothing was answered: status ${failed?.status}: ${failed?.text}`;
    throw new WaferError('SERVER_UNUSABLE', { url: target.baseUrl, reason });
  };
  let { run, row: top } = await closed();
  if (seconds !== undefined) {
    say(`${name}: capacity, over and over for ${seconds} s`);
    const requestsPerSecond = CAPACITY_MARGIN * top.answeredPerSecond;
    ({ run, row: top } = await closed({ seconds, requestsPerSecond }));
  }
  const { model, form } = target;
  const capacityPerSecond = top.answeredPerSecond;
  const rows = [top];
  const records = [run.records];
  const rates =
    options.requestsPerSecond === undefined
      ? loads.map((load) => ({ rowName: `${load} × capacity`, rate: load * capacityPerSecond }))
      : [{ rowName: 'at the rate given', rate: options.requestsPerSecond }];
  for (const { rowName, rate } of rates) {
    say(`${name}: open loop, ${rowName}, ${rate.toFixed(2)} requests/s`);
    const due = atRate(requests, rate);
    const repeats = seconds === undefined ? undefined : { seconds, requestsPerSecond: rate };
    const open = await openLoop(target, due, { signal, repeats, firstNumber });
    taken(open);
    rows.push(loadRow(open, { name: rowName, requestsPerSecond: rate, limits }));
    records.push(open.records);
  }
  return { name, model, prompts: form.kind, capacityPerSecond, rows, records };
}

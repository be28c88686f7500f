/**
 * Sends requests to a server: open loop, at their times whatever comes back; or closed loop, as
 * many at once as there are workers, to see what it can do at most.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WaferError } from '@wafer/core';
import type { RequestRecord } from './stream-request.ts';
import { makeAgent, streamRequest } from './stream-request.ts';
import { promptOfRequest } from './prompts.ts';
import { bodyOf, headersOf, pathOf } from './target.ts';
import type { MeasuredServer } from './target.ts';
import { repeated } from './workload.ts';
import type { PlannedRequest, Repeats } from './workload.ts';

/** A run and how long it took. */
export interface LoadRun {
  records: RequestRecord[];
  /** From the first intended send to the last answer. */
  wallMs: number;
  /** Answers of `/health`, meanwhile; a question that failed is Infinity. */
  healthMs: number[];
}

export interface LoadOptions {
  signal: AbortSignal;
  /** Numbers of prompts begin here, so that runs share none. */
  firstNumber: number;
  /** The requests are sent over and over; in a closed loop no faster than that. Default: once. */
  repeats?: Repeats | undefined;
  /** Where a server is compared with what has none, nobody asks for it. */
  watchesHealth?: boolean;
}

const HEALTH_EVERY_MS = 100;
/** What a worker of a closed loop waits for after a request that was not answered. */
const PAUSE_MS = 100;
/** Requests in a row that fail before a closed loop is given up: nobody is there. */
const FAILURES_MAX = 50;

/** Sends each request when it is due. Prompts are made before anything is timed. */
export async function openLoop(
  target: MeasuredServer,
  requests: readonly PlannedRequest[],
  options: LoadOptions,
): Promise<LoadRun> {
  const { signal, firstNumber, repeats } = options;
  const due = repeats === undefined ? requests : repeated(requests, repeats);
  const bodies = due.map((_, i) => bodyAt(target, requests, { i, firstNumber }));
  return measured(target, options, async (send) => {
    const sent: Promise<RequestRecord>[] = [];
    // One timer after the other: thousands that listen to one signal would stall this process.
    try {
      for (const [i, { atMs }] of due.entries()) {
        const restMs = atMs - send.nowMs();
        if (restMs > 0) {
          await sleep(restMs, undefined, { signal }).catch(() => signal.throwIfAborted());
        }
        sent.push(send.request(bodies[i]!, { number: firstNumber + i, intendedMs: atMs }));
      }
    } finally {
      await Promise.allSettled(sent);
    }
    await Promise.all(sent);
  });
}

/**
 * Keeps so many requests under way until all are answered; each is meant to leave as it does. Who
 * is refused pauses before it asks again. Throws: SERVER_UNUSABLE where one after the other fails.
 */
export async function closedLoop(
  target: MeasuredServer,
  requests: readonly PlannedRequest[],
  { workers, ...options }: LoadOptions & { workers: number },
): Promise<LoadRun> {
  const { signal, firstNumber, repeats } = options;
  const endMs = (repeats?.seconds ?? Infinity) * 1000;
  const count =
    repeats === undefined
      ? requests.length
      : Math.ceil(repeats.seconds * repeats.requestsPerSecond);
  const bodies = Array.from({ length: count }, (_, i) =>
    bodyAt(target, requests, { i, firstNumber }),
  );
  return measured(target, options, async (send) => {
    let next = 0;
    let failuresInRow = 0;
    const work = async (): Promise<void> => {
      while (next < count && send.nowMs() < endMs && failuresInRow < FAILURES_MAX) {
        const i = next++;
        const at = { number: firstNumber + i, intendedMs: send.nowMs() };
        const { outcome, status, text } = await send.request(bodies[i]!, at);
        failuresInRow = outcome === 'failed' ? failuresInRow + 1 : 0;
        if (failuresInRow === FAILURES_MAX) {
          const reason = `${FAILURES_MAX} requests in a row failed, the last: ${status} ${text}`;
          throw new WaferError('SERVER_UNUSABLE', { url: target.baseUrl, reason });
        }
        if (outcome === 'answered') continue;
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    };
    const works = Array.from({ length: workers }, work);
    await Promise.allSettled(works);
    await Promise.all(works);
  });
}

interface Sender {
  nowMs: () => number;
  request: (body: string, at: { number: number; intendedMs: number }) => Promise<RequestRecord>;
}

/** Runs a loop, with the health of the server watched meanwhile. */
async function measured(
  target: MeasuredServer,
  { signal, watchesHealth = true }: LoadOptions,
  loop: (send: Sender) => Promise<void>,
): Promise<LoadRun> {
  // Each request under way listens to it.
  setMaxListeners(0, signal);
  const agent = makeAgent();
  const originMs = performance.now();
  const nowMs = (): number => performance.now() - originMs;
  const records: RequestRecord[] = [];
  const common = { url: pathOf(target), headers: headersOf(target), agent, signal, originMs };
  const done = new AbortController();
  const health = watchesHealth ? watchHealth(target, done.signal) : [];
  try {
    await loop({
      nowMs,
      request: async (body, at) => {
        const record = await streamRequest({ ...common, body, ...at });
        records.push(record);
        return record;
      },
    });
  } finally {
    done.abort();
    agent.destroy();
  }
  const sorted = records.toSorted((a, b) => a.number - b.number);
  return { records: sorted, wallMs: nowMs(), healthMs: await health };
}

/** The body of request `i` of a run, over and over: each round has blocks of its own. */
function bodyAt(
  target: MeasuredServer,
  requests: readonly PlannedRequest[],
  { i, firstNumber }: { i: number; firstNumber: number },
): string {
  const at = i % requests.length;
  const request = requests[at]!;
  const number = firstNumber + i;
  const prompt = promptOfRequest(request, { number, round: number - at, form: target.form });
  return JSON.stringify(bodyOf(target, prompt, request.outputTokens));
}

/** Asks for health ten times a second, one question at a time, until told to stop. */
async function watchHealth({ baseUrl }: MeasuredServer, signal: AbortSignal): Promise<number[]> {
  const url = `${baseUrl.slice(0, -'/v1'.length)}/health`;
  const times: number[] = [];
  while (!signal.aborted) {
    const beganMs = performance.now();
    const isThere = await fetch(url, { signal })
      .then(async (response) => {
        await response.arrayBuffer();
        return response.status !== 404;
      })
      .catch(() => false);
    if (signal.aborted) break;
    times.push(isThere ? performance.now() - beganMs : Infinity);
    const restMs = Math.max(0, HEALTH_EVERY_MS - (performance.now() - beganMs));
    await sleep(restMs, undefined, { signal }).catch(() => undefined);
  }
  return times;
}

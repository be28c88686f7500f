/**
 * Sends requests to a server: open loop, at their times whatever comes back; or closed loop, as
 * many at once as there are workers, to see what it can do at most.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestRecord } from './stream-request.ts';
import { makeAgent, streamRequest } from './stream-request.ts';
import { promptOfRequest } from './prompts.ts';
import { bodyOf, headersOf, pathOf } from './target.ts';
import type { MeasuredServer } from './target.ts';
import type { PlannedRequest } from './workload.ts';

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
  /** Where a server is compared with what has none, nobody asks for it. */
  watchesHealth?: boolean;
}

const HEALTH_EVERY_MS = 100;

/** Sends each request when it is due. */
export async function openLoop(
  target: MeasuredServer,
  requests: readonly PlannedRequest[],
  options: LoadOptions,
): Promise<LoadRun> {
  const bodies = bodiesOf(target, requests, options.firstNumber);
  return measured(target, options, async (send) => {
    const { signal } = options;
    await Promise.all(
      requests.map(async ({ atMs }, i) => {
        const restMs = Math.max(0, atMs - send.nowMs());
        await sleep(restMs, undefined, { signal }).catch(() => signal.throwIfAborted());
        await send.request(bodies[i]!, { number: options.firstNumber + i, intendedMs: atMs });
      }),
    );
  });
}

/** Keeps so many requests under way until all are answered; each is meant to leave as it does. */
export async function closedLoop(
  target: MeasuredServer,
  requests: readonly PlannedRequest[],
  { workers, ...options }: LoadOptions & { workers: number },
): Promise<LoadRun> {
  const bodies = bodiesOf(target, requests, options.firstNumber);
  return measured(target, options, async (send) => {
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < requests.length) {
        const i = next++;
        const intendedMs = send.nowMs();
        await send.request(bodies[i]!, { number: options.firstNumber + i, intendedMs });
      }
    };
    await Promise.all(Array.from({ length: workers }, work));
  });
}

interface Sender {
  nowMs: () => number;
  request: (
    body: Record<string, unknown>,
    at: { number: number; intendedMs: number },
  ) => Promise<void>;
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
        records.push(await streamRequest({ ...common, body, ...at }));
      },
    });
  } finally {
    done.abort();
    agent.destroy();
  }
  const sorted = records.toSorted((a, b) => a.number - b.number);
  return { records: sorted, wallMs: nowMs(), healthMs: await health };
}

/** Prompts are made before anything is timed. */
function bodiesOf(
  target: MeasuredServer,
  requests: readonly PlannedRequest[],
  firstNumber: number,
): Record<string, unknown>[] {
  return requests.map((request, i) => {
    const prompt = promptOfRequest(request, { number: firstNumber + i, form: target.form });
    return bodyOf(target, prompt, request.outputTokens);
  });
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

/**
 * Real threads over real windows: random traffic with random stalls, counters that wrap, and a
 * watchdog that tells where everything stands when nothing moves any more.
 *
 * What a message holds follows from its channel and number, so every word is checked. The traffic
 * follows from the seed; how the threads interleave is up to the machine.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { channelName, ControlLine, ringStop } from '@wafer/fabric';
import { layOutStress, stateNumber, THREAD_STATES } from './fabric-layout.ts';
import type { FabricStress, FabricStressOptions } from './fabric-layout.ts';
import { findCycle } from './wait-cycle.ts';
import type { StressThreadResult } from './worker.ts';

export interface StressFabricResult {
  threads: number;
  channels: number;
  messages: number;
  /** Times that a thread had nothing to do. */
  sleeps: number;
}

const STALL_MS = 10_000;

/** Runs random traffic over threads. Rejects with a report of all channels if it gets stuck. */
export async function stressFabric(options: FabricStressOptions): Promise<StressFabricResult> {
  const stress = layOutStress(options);
  const isTypeScript = import.meta.url.endsWith('.ts');
  const url = new URL(isTypeScript ? './worker.ts' : './worker.js', import.meta.url);
  const workers = stress.memories.map(
    (_, thread) => new Worker(url, { workerData: { stress, thread } }),
  );
  const over = new Int32Array(new SharedArrayBuffer(4));
  try {
    const results = Promise.all(workers.map((worker) => resultOf(worker)));
    const stuck = watch(stress, over, options.stallMs ?? STALL_MS);
    const all = await Promise.race([results, stuck]);
    const sum = (pick: (result: StressThreadResult) => number): number =>
      all.reduce((total, result) => total + pick(result), 0);
    return {
      threads: options.threads,
      channels: stress.channels.length,
      messages: sum(({ received }) => received),
      sleeps: sum(({ sleeps }) => sleeps),
    };
  } finally {
    Atomics.store(over, 0, 1);
    Atomics.notify(over, 0);
    ringStop(stress.doorbells);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

async function resultOf(worker: Worker): Promise<StressThreadResult> {
  const [result] = (await once(worker, 'message')) as [StressThreadResult];
  return result;
}

/** Never resolves; rejects once nothing has moved for a while. */
async function watch(stress: FabricStress, over: Int32Array, stallMs: number): Promise<never> {
  const lines = stress.channels.map(
    ({ target, control }) => new ControlLine(stress.memories[target]!, control),
  );
  let before = '';
  for (;;) {
    // A timer that needs no clock of its own: nobody notifies before the run is over.
    const outcome = await Atomics.waitAsync(over, 0, 0, stallMs).value;
    if (outcome !== 'timed-out') return await new Promise<never>(() => {});
    const now = lines.map(({ pushed, popped }) => `${pushed} ${popped}`).join();
    const isStarting = stress.states.includes(stateNumber('starting'));
    if (now === before && !isStarting) throw new Error(describeStuck(stress));
    before = now;
  }
}

/** Where every channel stands, who waits for whom, and in which circle. */
export function describeStuck(stress: FabricStress): string {
  const waits: [number, number][] = [];
  const channels = stress.channels.map((plan) => {
    const line = new ControlLine(stress.memories[plan.target]!, plan.control);
    const { pushed, popped, sequence } = line;
    const isFull = pushed !== popped;
    // With a full window the sender waits, with an empty one the receiver.
    waits.push(isFull ? [plan.source, plan.target] : [plan.target, plan.source]);
    const state = isFull ? 'full' : 'empty';
    const counters = `pushed ${pushed >>> 0}, popped ${popped >>> 0}, sequence ${sequence >>> 0}`;
    return `  ${channelName(plan)} ${state}: ${counters}`;
  });
  const isDone = (thread: number): boolean => stress.states[thread] === stateNumber('done');
  const open = waits.filter(([from, to]) => !isDone(from) && !isDone(to));
  const threads = [...stress.states].map(
    (state, thread) => `  thread ${thread}: ${THREAD_STATES[state]}${missed(stress, thread)}`,
  );
  const cycle = findCycle(open);
  const circle = cycle === undefined ? 'none' : cycle.join(' → ');
  return ['the fabric is stuck', ...channels, ...threads, `  wait cycle: ${circle}`].join('\n');
}

/** Says so if a thread sleeps although a message waits for it: a lost wake-up. */
function missed(stress: FabricStress, thread: number): string {
  if (stress.states[thread] !== stateNumber('asleep')) return '';
  const full = stress.channels.filter((plan) => {
    const line = new ControlLine(stress.memories[plan.target]!, plan.control);
    return plan.target === thread && line.pushed !== line.popped;
  });
  if (full.length === 0) return '';
  return `, though ${full.map((plan) => channelName(plan)).join(', ')} has a message`;
}

/**
 * Random traffic between threads over real windows, run after run, until enough has passed.
 */
import { mix } from '@wafer/fabric/links';
import { stressFabric } from './fabric.ts';

export interface FabricStressRun {
  threads: number;
  /** Messages to pass at least, unless `seconds` are over first. */
  messages: number;
  seconds: number | undefined;
  seed: number;
  /** Time without any message after which a run counts as stuck. */
  stallMs: number;
  /** A thread that nobody wakes, to see what the watchdog says. */
  deafThread: number | undefined;
  signal?: AbortSignal;
  report?: (passed: number) => void;
}

export interface FabricStressReport {
  threads: number;
  seed: number;
  runs: number;
  channels: number;
  messages: number;
  sleeps: number;
  seconds: number;
  /** What the watchdog or a receiver said; undefined where all went well. */
  failure: string | undefined;
}

/** Short runs: each one lays out other channels, and begins at other counters. */
const RUN_MESSAGES = 50_000;

/** Runs until enough has passed, or something failed. Throws: the signal's reason. */
export async function stressThreads(options: FabricStressRun): Promise<FabricStressReport> {
  const { threads, seed, messages, seconds, stallMs, deafThread, signal } = options;
  const startMs = performance.now();
  const passedS = (): number => (performance.now() - startMs) / 1000;
  const report: FabricStressReport = {
    threads,
    seed,
    runs: 0,
    channels: 0,
    messages: 0,
    sleeps: 0,
    seconds: 0,
    failure: undefined,
  };
  while (report.messages < messages && (seconds === undefined || passedS() < seconds)) {
    signal?.throwIfAborted();
    const part = Math.min(RUN_MESSAGES, messages - report.messages);
    const run = { threads, messages: part, seed: mix(seed + report.runs), stallMs };
    try {
      const result = await stressFabric(deafThread === undefined ? run : { ...run, deafThread });
      report.runs++;
      report.channels += result.channels;
      report.messages += result.messages;
      report.sleeps += result.sleeps;
    } catch (error) {
      report.failure = Error.isError(error) ? error.message : String(error);
      break;
    }
    options.report?.(report.messages);
  }
  report.seconds = passedS();
  return report;
}

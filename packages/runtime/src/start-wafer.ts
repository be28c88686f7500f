/**
 * The start of a wafer: model opened, plan made, threads started and weights loaded, as much of it
 * at once as can be. Either a wafer stands at its end, or nothing is left and the reason is thrown:
 * a failure on the way is the start's own, one that comes later the wafer's.
 */
import { enableRevectorization } from '@wafer/kernels';
import type { Model } from '@wafer/models';
import { checkKernelsOnce, checkWebAssembly, createFleet } from './create-fleet.ts';
import type { WaferFleet } from './fleet/wafer-fleet.ts';
import { holdCollections } from './threads/external-memory.ts';
import { hearSignal } from './threads/hear-signal.ts';
import { Lifecycle } from './options/lifecycle.ts';
import { weightBytes } from './options/options.ts';
import type { Logger, WaferOptions } from './options/options.ts';
import { prepare } from './prepare.ts';
import type { Prepared } from './prepare.ts';
import { RequestLines } from './requests/request-lines.ts';
import { RunningWafer } from './running-wafer.ts';
import { guessTileThreads, SpareThreads } from './spare-threads.ts';

/** Whom threads tell of a failure: first the start, then the wafer. */
interface FailureOwner {
  fail(error: Error): void;
}

const PROGRESS_INTERVAL_MS = 100;

/**
 * Starts all that stands behind a wafer.
 * Throws: coded errors of the model's files, PLAN_GRID, PLAN_SRAM, PLAN_OPTION, KERNEL_MISMATCH,
 * HOST_REFUSED; the reason of a signal that was aborted; what `onProgress` throws.
 */
export async function startWafer(options: WaferOptions): Promise<RunningWafer> {
  checkWebAssembly();
  const { logger, signal } = options;
  await using spares = new SpareThreads(guessTileThreads(options));
  const prepared = await prepare(options);
  await hearSignal(signal);
  const { model, plan } = prepared;
  if (options.revectorize ?? false) enableRevectorization();
  logPlan(prepared, logger);
  const lifecycle = new Lifecycle(options.onState, (error) =>
    logger?.error({ model: model.name, error: String(error) }, 'onState threw'),
  );
  const lines = new RequestLines();
  // Also of a thread which had said before that it was well.
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const owner: FailureOwner = { fail: (error) => failed.reject(error) };
  const fleet = await createFleet(plan, prepared.options, {
    secret: options.secret,
    onEvents: (events) => lines.dispatch(events),
    onCrash: (error) => owner.fail(error),
  });
  // Not before the fleet is there: memories of wafers that are gone may be garbage by now.
  using _held = holdCollections();
  const progress = reportProgress(fleet, { model, options, owner });
  const abort = (): void => failed.reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await hearSignal(signal);
    await Promise.race([runFleet(fleet, prepared, spares), failed.promise]);
    // A failure of the last moment comes before the success.
    await Promise.race([failed.promise, Promise.resolve()]);
    progress.finish();
    logger?.info({ model: model.name }, 'started');
    const wafer = new RunningWafer({ prepared, fleet, lines, lifecycle, logger });
    owner.fail = (error) => wafer.fail(error);
    lifecycle.run();
    return wafer;
  } catch (error) {
    lifecycle.fail(error as Error);
    await fleet.stop({ isForced: true });
    lifecycle.end();
    throw error;
  } finally {
    progress.stop();
    signal?.removeEventListener('abort', abort);
  }
}

/** Weights, engine and the check of the kernels, side by side. */
async function runFleet(
  fleet: WaferFleet,
  { plan, model, options, rounding }: Prepared,
  spares: SpareThreads,
): Promise<void> {
  const use = { options, rounding, spares };
  const startEngine = async (): Promise<void> => fleet.startEngine(plan, model, use);
  const check = (): void => checkKernelsOnce(rounding, model);
  const loaded = fleet.load(plan, model, use);
  await Promise.all([loaded, startEngine(), fleet.running.then(check)]);
}

function logPlan(
  { model, options, rounding, threads }: Prepared,
  logger: Logger | undefined,
): void {
  const { grid, stageCount: stages, activations, kv } = options.plan;
  const arithmetic = { rounding, activations, kv };
  const totalBytes = weightBytes(model);
  logger?.info({ model: model.name, grid, stages, threads, ...arithmetic, totalBytes }, 'planned');
}

/** Tells a caller how much is loaded, again and again; `finish` tells that it is all. */
function reportProgress(
  fleet: WaferFleet,
  use: { model: Model; options: WaferOptions; owner: FailureOwner },
): { finish(): void; stop(): void } {
  const { model, options, owner } = use;
  const totalBytes = weightBytes(model);
  const report = (): void => {
    const loadedBytes = Math.min(fleet.loadedBytes, totalBytes);
    try {
      options.onProgress?.({ loadedBytes, totalBytes });
    } catch (error) {
      owner.fail(error as Error);
    }
  };
  const timer = setInterval(report, PROGRESS_INTERVAL_MS);
  return {
    finish: () => options.onProgress?.({ loadedBytes: totalBytes, totalBytes }),
    stop: () => clearInterval(timer),
  };
}

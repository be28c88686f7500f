/**
 * The task of a worker thread, seen from inside: see `WorkerThread.assign`.
 */
import { parentPort } from 'node:worker_threads';

/** Resolves with the thread's task, which comes once, whenever its owner knows it. */
export function takeTask<Task>(): Promise<Task> {
  const { promise, resolve } = Promise.withResolvers<Task>();
  parentPort!.once('message', resolve);
  return promise;
}

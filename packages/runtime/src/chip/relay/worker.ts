/**
 * Entry of the parent's relay thread.
 */
import { workerData } from 'node:worker_threads';
import { Relay } from './relay.ts';
import type { RelayTask } from './relay-task.ts';

await new Relay(workerData as RelayTask).run();

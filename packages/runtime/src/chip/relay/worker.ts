/**
 * Entry of the parent's relay thread.
 */
import { takeTask } from '../../threads/take-task.ts';
import { Relay } from './relay.ts';
import type { RelayTask } from './relay-task.ts';

await new Relay(await takeTask<RelayTask>()).run();

/**
 * Binds the ports of links between threads; a file of its own, since most threads have none.
 */
import { PortTransport } from '@wafer/fabric';
import type { Transport, TransportParts } from '@wafer/fabric';
import type { ThreadTask } from './thread-task.ts';

export function bindPorts(
  { sources, targets }: Pick<ThreadTask, 'sources' | 'targets'>,
  parts: TransportParts,
): Transport {
  return new PortTransport({ sources, targets }, parts);
}

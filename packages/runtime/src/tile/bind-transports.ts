/**
 * What carries the channels of a thread's tiles: windows, and, where the wafer is cut, links.
 */
import { Doorbell, firstOf, SocketTransport, WindowTransport } from '@wafer/fabric';
import type { Transport, TransportParts } from '@wafer/fabric';
import { createCopier } from '@wafer/kernels';
import type { ThreadClock } from './thread-clock.ts';
import type { ThreadTask } from './thread-task.ts';

/** Ports are loaded where there are some only: threads start sooner without. */
export async function bindTransports(
  task: ThreadTask,
  clock: ThreadClock | undefined,
): Promise<Transport> {
  const parts: TransportParts = {
    memoryOf: (tile) => task.memories.get(tile)!,
    doorbellOf: (tile) => new Doorbell(task.doorbells, task.threadOf[tile]!),
    copierOf: createCopier,
  };
  const transports: Transport[] = [];
  if (task.chip !== undefined) {
    const io = new Doorbell(task.doorbells, task.engineThread);
    transports.push(new SocketTransport(task.chip, parts, io));
  }
  if (task.sources.length + task.targets.length > 0) {
    const { bindPorts } = await import('./bind-ports.ts');
    const ports = bindPorts(task, parts);
    transports.push(clock?.transport(ports) ?? ports);
  }
  return firstOf([...transports, new WindowTransport(parts)]);
}

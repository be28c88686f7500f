/**
 * The receiving thread of the channel benchmark: takes messages and gives their windows back.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { ControlLine, Doorbell, PortTarget, WindowReceiver } from '@wafer/fabric';
import { RECEIVER, SENDER } from './channel-cases.ts';
import type { ReceiverInput } from './channel-cases.ts';

const SPIN_COUNT = 1000;

const { kind, plan, memory, doorbells, port } = workerData as ReceiverInput;
const doorbell = new Doorbell(doorbells, SENDER);
const own = new Doorbell(doorbells, RECEIVER);
const receiver =
  kind === 'window'
    ? new WindowReceiver(plan, { line: new ControlLine(memory.buffer, plan.control), doorbell })
    : new PortTarget({ port, doorbell, memory: memory.buffer }).receiver(plan);
const isReady = (): boolean => receiver.isReady();
parentPort?.postMessage('ready');

while (!own.isStopped) {
  for (let i = 0; !isReady() && !own.isStopped; i++) if (i > SPIN_COUNT) own.sleepUnless(isReady);
  if (own.isStopped) break;
  receiver.take();
  receiver.release();
}
port.close();

/**
 * The program of a training thread.
 */
import { workerData } from 'node:worker_threads';
import { instantiateTrainKernels } from '@wafer/kernels/train';
import { TrainThread } from './thread.ts';
import type { WorkerJob } from './threads.ts';

const { program, layout, memory, module, place, crossing } = workerData as WorkerJob;
const kernels = instantiateTrainKernels(module, memory);
// Channels are loaded where there are some only: threads start sooner without.
const cut =
  crossing && (await import('./cut/bind-thread.ts')).bindThread(crossing, { layout, place });
new TrainThread({ program, layout, kernels, memory }, place, cut).serve();

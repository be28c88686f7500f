/**
 * The program of a training thread.
 */
import { workerData } from 'node:worker_threads';
import { instantiateTrainKernels } from '@wafer/kernels/train';
import { TrainThread } from './thread.ts';
import type { WorkerJob } from './threads.ts';

const { program, layout, memory, module, place } = workerData as WorkerJob;
const kernels = instantiateTrainKernels(module, memory);
new TrainThread({ program, layout, kernels, memory }, place).serve();

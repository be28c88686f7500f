/**
 * The roles that a child process can have, by name. Rooms of runners know how a child is spoken
 * to (`process`), and this folder, the child's own, knows the rooms: nobody imports it.
 */
import type { CeilingsRole } from '../calibrate/ceilings.ts';
import type { MicroRole } from '../micro/micro-runner.ts';
import type { LlamaCppRole } from '../peers/llama-cpp-runner.ts';
import type { LlamaServerRole } from '../peers/llama-server.ts';
import type { OnnxRole } from '../peers/onnx-runner.ts';
import type { RunnerOf } from '../process/runner.ts';
import type { CountingClientRole } from '../serve/counting-client.ts';
import type { WaferRole } from '../speed/wafer-runner.ts';
import type { TrainMemoryRole } from '../train/train-memory.ts';

type AnyRole =
  | CeilingsRole
  | CountingClientRole
  | MicroRole
  | WaferRole
  | TrainMemoryRole
  | LlamaCppRole
  | LlamaServerRole
  | OnnxRole;
type Openers = { [R in AnyRole as R['name']]: (options: R['options']) => Promise<RunnerOf<R>> };

/** Opens a runner in this process; only the code of its role is loaded. */
export const OPENERS: Openers = {
  ceilings: async (options) => (await import('../calibrate/ceilings.ts')).Ceilings.open(options),
  'counting-client': async () =>
    (await import('../serve/counting-client.ts')).CountingClient.open(),
  micro: async (options) => (await import('../micro/micro-runner.ts')).MicroRunner.open(options),
  wafer: async (options) => (await import('../speed/wafer-runner.ts')).WaferRunner.open(options),
  'train-memory': async (options) =>
    (await import('../train/train-memory.ts')).TrainMemory.open(options),
  'llama-cpp': async (options) =>
    (await import('../peers/llama-cpp-runner.ts')).LlamaCppRunner.open(options),
  'llama-server': async (options) =>
    (await import('../peers/llama-server.ts')).LlamaServer.open(options),
  onnx: async (options) => (await import('../peers/onnx-runner.ts')).OnnxRunner.open(options),
};

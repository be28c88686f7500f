/**
 * What a child process can be: each role with its options, its tasks and what a turn gives.
 */
import type { CeilingOptions, CeilingTask } from '../calibrate/ceilings.ts';
import type { MicroRunnerOptions, MicroSample, MicroTask } from '../micro/micro-runner.ts';
import type { LlamaCppRunnerOptions } from '../peers/llama-cpp-runner.ts';
import type { LlamaServerOptions, LlamaServerPlace } from '../peers/llama-server.ts';
import type { OnnxRunnerOptions } from '../peers/onnx-runner.ts';
import type { SpeedSample, SpeedTask } from '../speed/speed-task.ts';
import type { WaferRunnerOptions } from '../speed/wafer-runner.ts';
import type { Runner } from './runner.ts';

export interface Roles {
  ceilings: { options: CeilingOptions; task: CeilingTask; sample: number };
  micro: { options: MicroRunnerOptions; task: MicroTask; sample: MicroSample | undefined };
  wafer: { options: WaferRunnerOptions; task: SpeedTask; sample: SpeedSample };
  'llama-cpp': { options: LlamaCppRunnerOptions; task: SpeedTask; sample: SpeedSample };
  'llama-server': { options: LlamaServerOptions; task: undefined; sample: LlamaServerPlace };
  onnx: { options: OnnxRunnerOptions; task: SpeedTask; sample: SpeedSample };
}

export type Role = keyof Roles;
export type RunnerOf<R extends Role> = Runner<Roles[R]['task'], Roles[R]['sample']>;

type Openers = { [R in Role]: (options: Roles[R]['options']) => Promise<RunnerOf<R>> };

/** Opens a runner in this process; only the code of its role is loaded. */
export const OPENERS: Openers = {
  ceilings: async (options) => (await import('../calibrate/ceilings.ts')).Ceilings.open(options),
  micro: async (options) => (await import('../micro/micro-runner.ts')).MicroRunner.open(options),
  wafer: async (options) => (await import('../speed/wafer-runner.ts')).WaferRunner.open(options),
  'llama-cpp': async (options) =>
    (await import('../peers/llama-cpp-runner.ts')).LlamaCppRunner.open(options),
  'llama-server': async (options) =>
    (await import('../peers/llama-server.ts')).LlamaServer.open(options),
  onnx: async (options) => (await import('../peers/onnx-runner.ts')).OnnxRunner.open(options),
};

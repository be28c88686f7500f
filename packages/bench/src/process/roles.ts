/**
 * What a child process can be: each role with its options, its tasks and what a turn gives.
 */
import type { CeilingOptions, CeilingTask } from '../calibrate/ceilings.ts';
import type { MicroPlayerOptions, MicroSample, MicroTask } from '../micro/micro-player.ts';
import type { LlamaCppPlayerOptions } from '../peers/llama-cpp-player.ts';
import type { OnnxPlayerOptions } from '../peers/onnx-player.ts';
import type { SpeedSample, SpeedTask } from '../speed/speed-task.ts';
import type { WaferPlayerOptions } from '../speed/wafer-player.ts';
import type { Player } from './player.ts';

export interface Roles {
  ceilings: { options: CeilingOptions; task: CeilingTask; sample: number };
  micro: { options: MicroPlayerOptions; task: MicroTask; sample: MicroSample | undefined };
  wafer: { options: WaferPlayerOptions; task: SpeedTask; sample: SpeedSample };
  'llama-cpp': { options: LlamaCppPlayerOptions; task: SpeedTask; sample: SpeedSample };
  onnx: { options: OnnxPlayerOptions; task: SpeedTask; sample: SpeedSample };
}

export type Role = keyof Roles;
export type PlayerOf<R extends Role> = Player<Roles[R]['task'], Roles[R]['sample']>;

type Openers = { [R in Role]: (options: Roles[R]['options']) => Promise<PlayerOf<R>> };

/** Opens a player in this process; only the code of its role is loaded. */
export const OPENERS: Openers = {
  ceilings: async (options) => (await import('../calibrate/ceilings.ts')).Ceilings.open(options),
  micro: async (options) => (await import('../micro/micro-player.ts')).MicroPlayer.open(options),
  wafer: async (options) => (await import('../speed/wafer-player.ts')).WaferPlayer.open(options),
  'llama-cpp': async (options) =>
    (await import('../peers/llama-cpp-player.ts')).LlamaCppPlayer.open(options),
  onnx: async (options) => (await import('../peers/onnx-player.ts')).OnnxPlayer.open(options),
};

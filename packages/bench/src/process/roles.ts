/**
 * What a child process can be: each role with its options, its tasks and what a turn gives.
 */
import { Ceilings } from '../calibrate/ceilings.ts';
import type { CeilingOptions, CeilingTask } from '../calibrate/ceilings.ts';
import { MicroPlayer } from '../micro/micro-player.ts';
import type { MicroPlayerOptions, MicroSample, MicroTask } from '../micro/micro-player.ts';
import { LlamaCppPlayer } from '../peers/llama-cpp-player.ts';
import type { LlamaCppPlayerOptions } from '../peers/llama-cpp-player.ts';
import { OnnxPlayer } from '../peers/onnx-player.ts';
import type { OnnxPlayerOptions } from '../peers/onnx-player.ts';
import type { SpeedSample, SpeedTask } from '../speed/speed-task.ts';
import { WaferPlayer } from '../speed/wafer-player.ts';
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

/** Opens a player in this process. */
export const OPENERS: Openers = {
  ceilings: (options) => Ceilings.open(options),
  micro: (options) => MicroPlayer.open(options),
  wafer: (options) => WaferPlayer.open(options),
  'llama-cpp': (options) => LlamaCppPlayer.open(options),
  onnx: (options) => OnnxPlayer.open(options),
};

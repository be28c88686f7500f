/**
 * Runs language models on an emulated wafer-scale engine, in Node, with no native code.
 *
 * What is here is promised: `docs/api.md` shows all of it. Our own packages take the rest from
 * `@wafer/runtime/internal`.
 */
export { WaferError } from '@wafer/core';
export { openModel } from '@wafer/models';
export type { LoadType, Model, OpenOptions, Quantization } from '@wafer/models';
export type {
  ChatMessage,
  EncodeOptions,
  RenderOptions,
  RenderedChat,
  Tokenizer,
  ToolCall,
} from '@wafer/text';
export type { AdaptedOptions, AdapterOptions } from './options/adapter-options.ts';
export type { LoadedAdapter } from './adapters/loaded-adapters.ts';
export { measureActivationError } from './activation-error.ts';
export type { Reservation } from './options/reservation.ts';
export type { ActivationError } from './activation-error.ts';
export type { AnswerFormat, CallChoice, FormPart } from '@wafer/text';
export type { ChatOptions, ChatPiece } from './chat/chat.ts';
export type { EngineMetrics } from './engine/engine-metrics.ts';
export type { Pooling } from './engine/request.ts';
export type { PromptLogprob } from './engine/prompt-logprobs.ts';
export type { FinishReason, GenerateOptions, StopCause, Usage } from './engine/request.ts';
export type { RequestExtras } from './engine/request-checks.ts';
export type { RequestFigures, Tally } from './engine/request-figures.ts';
export type { TokenLogprob } from './engine/sampler.ts';
export type { EmbedOptions, LanguageModel, ScoreOptions } from './language-model.ts';
export type { LogitsOptions, LogitsStream } from './language-model.ts';
export type { SamplingInput, SamplingOptions } from './engine/sampling-options.ts';
export type { StateListener, WaferState } from './options/lifecycle.ts';
export type { WaitLimits } from './threads/wait-limits.ts';
export type { VirtualFigures, VirtualStep } from './engine/virtual-time.ts';
export { measureKvError } from './kv-error.ts';
export type { KvError } from './kv-error.ts';
export type { LinkKind } from './link-kind.ts';
export type { ExpertTally } from './expert-tally.ts';
export type { ChannelCounters, TileTimes, WaferTraffic } from './metrics.ts';
export type { LoadProgress, Logger, WaferOptions } from './options/options.ts';
export type { Piece, Prompt, RequestOptions } from './piece.ts';
export type { ChromeEvent, ChromeTrace, InstructionPlace } from './trace/chrome-event.ts';
export type { TileVirtualTimes } from './virtual/clock-board.ts';
export type { VirtualOptions } from './virtual/virtual-options.ts';
export { Wafer } from './wafer.ts';

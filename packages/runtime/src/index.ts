/**
 * Runs language models on an emulated wafer-scale engine, in Node, with no native code.
 */
export { WaferError } from '@wafer/core';
export { measureActivationError } from './activation-error.ts';
export type { ActivationError } from './activation-error.ts';
export { measureKvError } from './kv-error.ts';
export type { KvError } from './kv-error.ts';
export { chatRenderer } from './chat/chat.ts';
export { WholeAnswer } from '@wafer/text';
export type { ChatOptions, ChatPiece } from './chat/chat.ts';
export { chatTemplate } from '@wafer/text';
export type { RenderedChat } from '@wafer/text';
export type { ChatMessage, RenderOptions, ToolCall } from '@wafer/text';
export { serveChip } from './chip/serve-chip.ts';
export type { ChipOptions } from './chip/chip-options.ts';
export type { EngineMetrics } from './engine/messages.ts';
export type { Pooling } from './engine/prompt-consumers.ts';
export type { PromptLogprob } from './engine/prompt-logprobs.ts';
export type { FinishReason, GenerateOptions, StopCause, Usage } from './engine/request.ts';
export type { RequestExtras } from './engine/request-checks.ts';
export type { RequestFigures, Tally } from './engine/request-figures.ts';
export type { TokenLogprob } from './engine/sampler.ts';
export type { EmbedOptions, LanguageModel, Prompt, ScoreOptions } from './language-model.ts';
export type { SamplingInput, SamplingOptions } from './engine/sampling-options.ts';
export { isGgufType } from '@wafer/models';
export type { ModelFormat } from '@wafer/models';
export { isObject, parseJsonObject } from '@wafer/core';
export { openModel, PULL_RECORD } from '@wafer/models';
export type { OpenOptions } from '@wafer/models';
export { LOAD_TYPES, requantize } from '@wafer/models';
export type { Quantization } from '@wafer/models';
export { openTokenizer } from '@wafer/models';
export { openReader } from '@wafer/models';
export type {
  KeptTensor,
  LoadType,
  Model,
  Requantized,
  SourceDescription,
  WeightReader,
} from '@wafer/models';
export { FAMILY_NAMES } from '@wafer/models';
export { SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
export { createTokenizer } from '@wafer/text';
export type { EncodeOptions, Tokenizer, TokenizerDescription } from '@wafer/text';
export { writeModel } from '@wafer/models';
export type { WriteOptions } from '@wafer/models';
export type { ChannelCounters, TileTimes, WaferTraffic } from './metrics.ts';
export { LINK_KINDS } from './link-kind.ts';
export type { LinkKind } from './link-kind.ts';
export { parseAddress, resolveOptions, weightBytes } from './options.ts';
export type {
  ChipAddress,
  LoadProgress,
  Logger,
  ResolvedOptions,
  WaferOptions,
} from './options.ts';
export { planModel } from './plan-model.ts';
export type { VirtualFigures, VirtualStep } from './engine/virtual-time.ts';
export type { TileVirtualTimes } from './virtual/clock-board.ts';
export { measureVirtual } from './virtual/measure-virtual.ts';
export type { VirtualRun } from './virtual/measure-virtual.ts';
export type { VirtualOptions, VirtualSetup } from './virtual/virtual-options.ts';
export type { Piece, RequestOptions } from './piece.ts';
export { Wafer } from './wafer.ts';
export { programEntry } from './worker-entry.ts';
export { detectRounding } from '@wafer/kernels';
export type { ChromeEvent, ChromeTrace } from './trace/chrome-trace.ts';

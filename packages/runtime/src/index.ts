/**
 * Runs language models on an emulated wafer-scale engine, in Node, with no native code.
 */
export { WaferError } from '@wafer/core';
export { measureActivationError } from './activation-error.ts';
export type { ActivationError } from './activation-error.ts';
export { measureKvError } from './kv-error.ts';
export type { KvError } from './kv-error.ts';
export { WholeAnswer } from './chat/chat.ts';
export type { ChatOptions, ChatPiece } from './chat/chat.ts';
export { ChatRenderer, chatTemplate } from './chat/chat-renderer.ts';
export type { RenderedChat } from './chat/chat-renderer.ts';
export type { ChatMessage, RenderOptions, ToolCall } from './chat/messages.ts';
export { serveChip } from './chip/serve-chip.ts';
export type { ChipOptions } from './chip/chip-options.ts';
export type { EngineMetrics } from './engine/messages.ts';
export type { FinishReason, GenerateOptions } from './engine/request.ts';
export type { SamplingInput, SamplingOptions } from './engine/sampling-options.ts';
export { isGgufType } from './load/gguf-types.ts';
export type { ModelFormat } from './load/families/tensor-places.ts';
export { isObject, parseJsonObject } from './load/json.ts';
export { openModel, PULL_RECORD } from './load/open-model.ts';
export type { OpenOptions } from './load/open-model.ts';
export { LOAD_TYPES, requantize } from './load/quantization.ts';
export type { Quantization } from './load/quantization.ts';
export { openTokenizer } from './load/open-tokenizer.ts';
export { openReader } from './load/reader.ts';
export type {
  KeptTensor,
  LoadType,
  Model,
  Requantized,
  SourceDescription,
  TokenizerDescription,
  WeightReader,
} from './load/source.ts';
export { FAMILY_NAMES } from './load/families/families.ts';
export { SYNTHETIC_SPECS, syntheticModel } from './load/synthetic.ts';
export { createTokenizer } from './load/tokenizer.ts';
export type { EncodeOptions, Tokenizer } from './load/tokenizer.ts';
export { writeModel } from './load/write-model.ts';
export type { WriteOptions } from './load/write-model.ts';
export type { StateListener, WaferState } from './lifecycle.ts';
export type { WaitLimits } from './wait-limits.ts';
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

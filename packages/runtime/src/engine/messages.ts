/**
 * What the embedding program's thread and the engine's thread say to each other.
 */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode, Plan } from '@wafer/core';
import type { TokenBytes } from '@wafer/text';
import type { HostLayout } from '../host.ts';
import type { EngineMetrics } from './engine-metrics.ts';
import type { PromptLogprob } from './prompt-logprobs.ts';
import type { Reservation } from '../options/reservation.ts';
import type { AdapterUse } from './sequence.ts';
import type { FinishReason, GenerateRequest, Pooling, StopCause, Usage } from './request.ts';
import type { ClockTask } from '../virtual/clock-task.ts';

/** What the engine's thread is started with. */
export interface EngineTask {
  plan: Plan;
  memories: ReadonlyMap<number, WebAssembly.Memory>;
  threadOf: readonly number[];
  doorbells: Int32Array;
  engineThread: number;
  host: { memory: WebAssembly.Memory; layout: HostLayout };
  kernels: WebAssembly.Module;
  /** Undefined for models without text. */
  tokenBytes: TokenBytes | undefined;
  prefillChunk: number;
  /** What tenants have to themselves. */
  reservations: readonly Reservation[];
  reusePrefixes: boolean;
  /** Whether the token ids of every step are kept, for the audit. */
  recordSteps: boolean;
  spinCount: number;
  /** Undefined without a virtual clock. */
  clock: ClockTask | undefined;
  trace: { ring: SharedArrayBuffer; originMs: number } | undefined;
  port: MessagePort;
}

/** A prompt of which something is wanted. */
interface PromptUse {
  id: number;
  tokens: Int32Array;
  adapter?: AdapterUse | undefined;
}

/** Main thread → engine. */
export type EngineCommand =
  | { kind: 'generate'; id: number; request: GenerateRequest }
  | ({ kind: 'logits'; from: number; credit: number } & PromptUse)
  | ({ kind: 'score'; topCount: number } & PromptUse)
  | ({ kind: 'embed'; pooling: Pooling } & PromptUse)
  /** The consumer takes `count` pieces or rows more. */
  | { kind: 'grant'; id: number; index: number; count: number }
  | { kind: 'abort'; id: number }
  | { kind: 'metrics'; id: number };

/** One token of an answer. What it has not is left out: each name crosses threads anew. */
export interface PieceEvent {
  kind: 'piece';
  id: number;
  /** Which of the answers of its request. */
  index: number;
  token: number;
  /** Text that became certain with this token; may be empty. */
  text: string;
  logprob?: number | undefined;
  top?: { token: number; logprob: number }[] | undefined;
  /** With the first piece, if asked for: of the prompt's tokens, from its second one on. */
  promptLogprobs?: PromptLogprob[] | undefined;
  /** Virtual clock at the end of the step; undefined without one. */
  virtualNs?: number | undefined;
  finish?: FinishReason | undefined;
  /** Which stop was met, with `finish: 'stop'`. */
  stop?: StopCause | undefined;
  /** With the last piece. */
  usage?: Usage | undefined;
}

/** Logits after one position of a scored prompt, [V]. */
export interface LogitsEvent {
  kind: 'logits';
  id: number;
  position: number;
  logits: Float32Array;
  isLast: boolean;
}

/** Engine → main thread; events of one step come in one array. */
export type EngineEvent =
  | { kind: 'ready' }
  | PieceEvent
  | LogitsEvent
  | { kind: 'scored'; id: number; logprobs: PromptLogprob[] }
  | { kind: 'embedding'; id: number; embedding: Float32Array }
  | { kind: 'metrics'; id: number; metrics: EngineMetrics }
  | { kind: 'refused'; id: number; error: { code: ErrorCode; details: Record<string, unknown> } }
  | { kind: 'crashed'; reason: string };

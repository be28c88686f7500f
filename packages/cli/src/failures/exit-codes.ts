/**
 * The exit codes of `wafer`, in one table: what a script may rely on.
 *
 * Every error code maps to one of them; the type check refuses a new error without an exit code.
 */
import { WaferError } from '@wafer/core/errors';
import type { ErrorCode } from '@wafer/core/errors';
import { Interrupted, OutputClosed, UsageError } from './failures.ts';
import { isOutputError, isPathError } from './system-error.ts';

export const EXIT_CODES = {
  /** It did what was asked for; also when the reader of its output went away. */
  ok: 0,
  /** The run failed, or a result that must be equal was not. */
  failed: 1,
  /** Unknown command or option, a value out of range, a prompt that does not fit. */
  usage: 2,
  /** The model is absent, broken or unsupported. */
  model: 3,
  /** The model does not fit the grid or the memory. */
  plan: 4,
  /** A result could not be written. */
  output: 5,
  /** Ctrl-C (128 + SIGINT). */
  interrupted: 130,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

const KINDS: Readonly<Record<ErrorCode, keyof typeof EXIT_CODES>> = {
  MODEL_NOT_FOUND: 'model',
  MODEL_NOT_PULLED: 'model',
  MODEL_UNREADABLE: 'model',
  CONFIG_INVALID: 'model',
  MODEL_UNSUPPORTED: 'model',
  MODEL_KIND: 'model',
  GGUF_INVALID: 'model',
  SAFETENSORS_INVALID: 'model',
  TENSOR_MISSING: 'model',
  TENSOR_SHAPE: 'model',
  TENSOR_TYPE: 'model',
  TENSOR_NOT_FINITE: 'model',
  TOKENIZER_MISSING: 'model',
  TOKENIZER_INVALID: 'model',
  TEMPLATE_MISSING: 'model',
  TEMPLATE_INVALID: 'model',
  TEMPLATE_LIMIT: 'model',
  TEMPLATE_REFUSED: 'usage',
  SYNTHETIC_UNKNOWN: 'model',
  PULL_NOT_FOUND: 'model',
  PULL_ACCESS: 'model',
  PULL_EMPTY: 'model',
  PULL_CHOICE: 'usage',
  PULL_ANSWER: 'failed',
  PULL_CONNECTION: 'failed',
  PULL_CHECKSUM: 'failed',
  PULL_SPACE: 'output',
  PLAN_GRID: 'plan',
  PLAN_SRAM: 'plan',
  PLAN_OPTION: 'usage',
  MACHINE_PARAMETER: 'usage',
  VALIDATE_TABLE: 'usage',
  KV_EXHAUSTED: 'plan',
  REQUEST_INVALID: 'usage',
  PROMPT_TOO_LONG: 'usage',
  TOKEN_OUT_OF_RANGE: 'usage',
  ABORTED: 'failed',
  ADAPTER_UNKNOWN: 'usage',
  ADAPTER_SLOTS: 'plan',
  ADAPTER_RANK: 'plan',
  ADAPTER_TARGET: 'plan',
  GRAMMAR_INVALID: 'usage',
  GRAMMAR_UNSUPPORTED: 'usage',
  GRAMMAR_LIMIT: 'usage',
  OVERLOADED: 'failed',
  DEADLINE_EXCEEDED: 'failed',
  LOGITS_NOT_FINITE: 'failed',
  KERNEL_MISMATCH: 'failed',
  TILE_CRASHED: 'failed',
  TILE_STUCK: 'failed',
  HOST_REFUSED: 'failed',
  SEQUENCE_BROKEN: 'failed',
  WAFER_CLOSED: 'failed',
  LINK_FRAME: 'failed',
  LINK_VERSION: 'failed',
  LINK_LISTEN: 'failed',
  LINK_MISMATCH: 'failed',
  LINK_SECRET: 'failed',
  LINK_BROKEN: 'failed',
  TRAIN_OPTION: 'usage',
  TRAIN_MEMORY: 'plan',
  TRAIN_UNSUPPORTED: 'model',
  CHECKPOINT_INVALID: 'failed',
  DATA_UNREADABLE: 'usage',
  DATA_INVALID: 'failed',
  DATA_TOO_SHORT: 'failed',
  STRESS_FAILED: 'failed',
  CHIP_DIED: 'failed',
  PEER_UNAVAILABLE: 'failed',
  SURROUNDINGS_UNFIT: 'failed',
  RUNNER_ENDED: 'failed',
  SERVER_UNUSABLE: 'failed',
  TRACE_INVALID: 'usage',
  CASES_INVALID: 'usage',
  STORE_INVALID: 'output',
  STORE_IN_USE: 'failed',
  STORE_KEY: 'usage',
  STORE_KEY_FILE: 'usage',
  AUDIT_BROKEN: 'failed',
  OUTPUT_EXISTS: 'output',
  OUTPUT_FAILED: 'output',
};

/** The exit code of a run that ended with this error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof OutputClosed) return EXIT_CODES.ok;
  if (error instanceof Interrupted) return EXIT_CODES[error.kind];
  if (error instanceof UsageError) return EXIT_CODES.usage;
  if (isOutputError(error)) return EXIT_CODES.output;
  if (isPathError(error)) return EXIT_CODES.usage;
  return EXIT_CODES[error instanceof WaferError ? KINDS[error.code] : 'failed'];
}

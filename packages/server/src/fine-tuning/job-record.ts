/**
 * A fine-tuning job as clients see it, what is kept beside it, and where it may go.
 *
 *     queued ─▶ validating_files ─▶ running ─▶ succeeded
 *       ▲  ▲          │  │            │  │
 *       │  └──────────┼──┴── start ───┘  └─▶ failed       a server's start leads back to the queue
 *       └─ resume ─ paused ◀─ pause ──┘       cancel: from wherever it is not over
 */
import type { LineFault } from '@wafer/train';
import { CANCELED } from '../http/wire-words.ts';

export type JobStatus =
  | 'queued'
  | 'validating_files'
  | 'running'
  | 'paused'
  | 'succeeded'
  | 'failed'
  | typeof CANCELED;

/** `auto` until the data say what it is. */
export interface Hyperparameters {
  n_epochs: number | 'auto';
  batch_size: number | 'auto';
  learning_rate_multiplier: number | 'auto';
  /** Ours: adapters of this rank are trained in the place of all weights. */
  lora_rank?: number;
}

/** Of preferences. */
export interface PreferenceParameters extends Hyperparameters {
  beta: number | 'auto';
}

/** How a model is trained: on examples, or on preferences. */
export type JobMethod =
  | { type: 'supervised'; supervised: { hyperparameters: Hyperparameters } }
  | { type: 'dpo'; dpo: { hyperparameters: PreferenceParameters } };

/** The method of a job; where there is a beta, of preferences. */
export function methodBody(
  hyperparameters: Hyperparameters,
  beta: PreferenceParameters['beta'] | undefined,
): JobMethod {
  if (beta === undefined) return { type: 'supervised', supervised: { hyperparameters } };
  return { type: 'dpo', dpo: { hyperparameters: { ...hyperparameters, beta } } };
}

export interface JobError {
  code: string;
  message: string;
  param: string | null;
  /** Ours: each line that is wrong. */
  lines?: LineFault[];
}

/** The interface's job. */
export interface JobBody {
  id: string;
  object: 'fine_tuning.job';
  model: string;
  created_at: number;
  finished_at: number | null;
  estimated_finish: number | null;
  fine_tuned_model: string | null;
  organization_id: string;
  status: JobStatus;
  training_file: string;
  validation_file: string | null;
  result_files: string[];
  trained_tokens: number | null;
  error: JobError | null;
  seed: number;
  hyperparameters: Hyperparameters;
  method: JobMethod;
  integrations: [];
  metadata: Readonly<Record<string, string>> | null;
}

/** A job as it is stored. */
export interface JobRecord {
  id: string;
  body: JobBody;
  /** The name that its models have. */
  tunedName: string;
  /** The model that all the training began with, whose settings its models are served with. */
  base: string;
  /** Whose key asked for it; empty: of none. */
  keyId: string;
  /** The last step that was told of; steps after a crash come twice. */
  stepTold: number;
  /** Processes that died of themselves. */
  crashCount: number;
}

export const JOB_KIND = 'fine_tuning.job';

const NEXT: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  queued: ['validating_files', 'paused', 'failed', CANCELED],
  validating_files: ['running', 'queued', 'paused', 'failed', CANCELED],
  running: ['succeeded', 'queued', 'paused', 'failed', CANCELED],
  paused: ['queued', CANCELED],
  succeeded: [],
  failed: [],
  [CANCELED]: [],
};

/** Whether a job may go from one state to another. */
export function canGo(from: JobStatus, to: JobStatus): boolean {
  return NEXT[from].includes(to);
}

/** Whether there is still something to become of it. */
export function isOpen({ status }: JobBody): boolean {
  return NEXT[status].length > 0;
}

/** What a tuned model is called: `ft:BASE:SUFFIX:ID`. */
export function tunedName(base: string, suffix: string | null | undefined, jobId: string): string {
  return `ft:${base}:${suffix ?? ''}:${jobId.slice(-ID_LENGTH)}`;
}

const ID_LENGTH = 12;

/** What the model of a step is called. */
export function stepName({ tunedName: name }: JobRecord, step: number): string {
  return `${name}:ckpt-step-${step}`;
}

/**
 * A batch as clients see it, and the lines of its input.
 *
 *     validating ─▶ in_progress ─▶ finalizing ─▶ completed
 *         │              ├─ cancelling ─▶ canceled
 *         └─▶ failed     └─ 24 hours ─▶ expired
 */
import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import type { Caller } from '../http/keys.ts';
import type { CANCELED, CANCELED_AT } from '../http/wire-words.ts';

export type BatchStatus =
  | 'validating'
  | 'failed'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | typeof CANCELED;

export interface BatchFault {
  code: string;
  message: string;
  param: string | null;
  line: number | null;
}

export interface BatchBody {
  id: string;
  object: 'batch';
  endpoint: string;
  input_file_id: string;
  completion_window: string;
  status: BatchStatus;
  created_at: number;
  expires_at: number;
  errors?: { object: 'list'; data: BatchFault[] };
  output_file_id?: string;
  error_file_id?: string;
  in_progress_at?: number;
  finalizing_at?: number;
  completed_at?: number;
  failed_at?: number;
  expired_at?: number;
  cancelling_at?: number;
  [CANCELED_AT]?: number;
  request_counts: { total: number; completed: number; failed: number };
  metadata: Readonly<Record<string, string>> | null;
}

export const BATCH_KIND = 'batch';
/** Beside a batch, by its id: on whose account its lines go. */
export const PAYER_KIND = 'batch_payer';

/** The key that began a batch, as it was then: its lines keep its limits and its weight. */
export type BatchPayer = Pick<Caller, 'keyId' | 'weight' | 'subjects'>;

/** Of a caller, what its batches go on. */
export function payerOf({ keyId, weight, subjects = [] }: Caller): BatchPayer {
  return { keyId, weight, subjects: subjects.filter(({ kind }) => kind === 'key') };
}

const OPEN = new Set<BatchStatus>(['validating', 'in_progress', 'finalizing', 'cancelling']);

/** Whether there is still something to do. */
export function isOpen({ status }: BatchBody): boolean {
  return OPEN.has(status);
}

/** One line of an input. */
export interface BatchLine {
  custom_id: string;
  method: string;
  url: string;
  body: Record<string, unknown>;
}

export const LINES_MAX = 50_000;
const FAULTS_SHOWN = 100;

/** Characters that are read before others have a turn: some milliseconds. */
const SLICE_LENGTH = 2 ** 19;

/**
 * The lines of an input, or what is wrong with them. An input may have 64 MiB: others of this
 * thread have their turns meanwhile, and lines without anything take no memory.
 */
export async function parseLines(
  text: string,
  endpoint: string,
): Promise<{ lines: BatchLine[]; faults: BatchFault[] }> {
  const lines: BatchLine[] = [];
  const faults: BatchFault[] = [];
  const ids = new Set<string>();
  const fault = (line: number | null, code: string, message: string): void => {
    if (faults.length < FAULTS_SHOWN) faults.push({ code, message, param: null, line });
  };
  let rowCount = 0;
  let yieldAt = SLICE_LENGTH;
  for (let start = 0, end: number; start < text.length; start = end + 1) {
    if (start > yieldAt) {
      yieldAt = start + SLICE_LENGTH;
      await othersHadTheirTurn();
    }
    end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const row = text.slice(start, end);
    if (row.trim() === '') continue;
    if (++rowCount > LINES_MAX) {
      const message = `the input has more than ${LINES_MAX} lines`;
      return {
        lines: [],
        faults: [{ code: 'too_many_requests', message, param: null, line: null }],
      };
    }
    const line = lineOf(row);
    if (line === undefined) {
      fault(rowCount, 'invalid_json_line', 'a line is { custom_id, method, url, body } as JSON');
    } else if (ids.has(line.custom_id)) {
      fault(rowCount, 'duplicate_custom_id', `custom_id ${line.custom_id} is there twice`);
    } else if (line.method !== 'POST' || line.url !== endpoint) {
      fault(rowCount, 'mismatched_url', `a line of this batch is a POST of ${endpoint}`);
    } else {
      ids.add(line.custom_id);
      lines.push(line);
    }
  }
  if (rowCount === 0) fault(null, 'empty_file', 'the input has no lines');
  return { lines, faults };
}

function lineOf(row: string): BatchLine | undefined {
  let value: Partial<BatchLine> | null;
  try {
    value = JSON.parse(row) as Partial<BatchLine> | null;
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { custom_id: id, method, url, body } = value;
  const isText = typeof id === 'string' && id.length <= 512 && typeof url === 'string';
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  if (!isText || typeof method !== 'string' || !isObject) return undefined;
  return { custom_id: id, method, url, body };
}

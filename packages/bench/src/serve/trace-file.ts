/**
 * Traces of requests as others recorded them: when each came and how long it was, never its text.
 *
 *     CSV    TIMESTAMP,ContextTokens,GeneratedTokens                  Azure, 2023: chat and code
 *     JSONL  { timestamp, input_length, output_length, hash_ids }     Mooncake: ids of equal blocks
 *
 * Sources: Patel et al. 2024, "Splitwise" (Azure's traces); Qin et al. 2025, "Mooncake".
 */
import { minOf, WaferError } from '@wafer/core';

/** One request of a trace, before anything is scaled. */
export interface TraceRow {
  /** From the first request of the trace on. */
  atMs: number;
  promptTokens: number;
  outputTokens: number;
  /** Ids of the blocks of the prompt, in order: equal ids at the front are an equal prefix. */
  blocks?: readonly number[] | undefined;
}

/** Reads a trace. Throws: TRACE_INVALID, with the line. */
export function parseTrace(text: string, path: string): TraceRow[] {
  const lines = text.split(/\r?\n/);
  const isJson = lines[0]?.startsWith('{') === true;
  const first = isJson ? 0 : checkHead(lines[0] ?? '', path);
  const rows: TraceRow[] = [];
  for (let i = first; i < lines.length; i++) {
    const line = lines[i]!;
    if (line === '') continue;
    const row = isJson ? jsonRow(line) : csvRow(line);
    if (row === undefined) throw invalid(path, i + 1, line);
    rows.push(row);
  }
  if (rows.length === 0) throw invalid(path, 1, lines[0] ?? '');
  const startMs = minOf(rows.map(({ atMs }) => atMs));
  return rows
    .map((row) => ({ ...row, atMs: row.atMs - startMs }))
    .toSorted((a, b) => a.atMs - b.atMs);
}

const HEAD = ['TIMESTAMP', 'ContextTokens', 'GeneratedTokens'];

function checkHead(line: string, path: string): 1 {
  if (line.split(',').join() === HEAD.join()) return 1;
  throw invalid(path, 1, line);
}

/** Azure's times have seven digits behind the second, more than dates hold. */
function csvRow(line: string): TraceRow | undefined {
  const [time = '', prompt, output, ...more] = line.split(',');
  const [day, clock = ''] = time.split(' ');
  const [seconds, fraction = '0'] = clock.split('.');
  const atMs = Date.parse(`${day}T${seconds}Z`) + Number(`0.${fraction}`) * 1000;
  return more.length > 0 ? undefined : checked(atMs, Number(prompt), Number(output));
}

function jsonRow(line: string): TraceRow | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { timestamp, input_length: prompt, output_length: output, hash_ids: blocks } = value;
  const row = checked(timestamp, prompt, output);
  if (row === undefined || blocks === undefined) return row;
  const isList = Array.isArray(blocks) && blocks.every((id) => Number.isSafeInteger(id));
  return isList ? { ...row, blocks: blocks as number[] } : undefined;
}

function checked(atMs: unknown, prompt: unknown, output: unknown): TraceRow | undefined {
  const isTime = typeof atMs === 'number' && Number.isFinite(atMs);
  if (!isTime || !isLength(prompt) || !isLength(output)) return undefined;
  return { atMs, promptTokens: prompt, outputTokens: output };
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function invalid(path: string, line: number, text: string): WaferError {
  return new WaferError('TRACE_INVALID', { path, line, text: text.slice(0, 80) });
}

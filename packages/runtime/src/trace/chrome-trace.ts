/**
 * Trace rings as Chrome trace events: one JSON object that opens in Perfetto or chrome://tracing.
 *
 * One track per tile and one for the engine; complete events (`X`) and metadata (`M`), times in
 * microseconds. Source: "Trace Event Format".
 */
import { assert, instructionAt, isChannelInstruction, labelOf, tileName } from '@wafer/core';
import type { Instruction, Plan, ProgramName } from '@wafer/core';
import { ENGINE_CODES, ENGINE_TRACK, readTraceRing, WAIT_CODES } from './trace-ring.ts';
import type { TraceRecord } from './trace-ring.ts';

const US_PER_MS = 1000;
const PROCESS_ID = 1;

/** A complete event, or metadata that names a track. */
export interface ChromeEvent {
  /** For people; what it is says `cat`. */
  name: string;
  /** Of a tile's events; `wait`: it was blocked on the instruction. */
  cat?: 'compute' | 'send' | 'receive' | 'release' | 'wait';
  ph: 'X' | 'M';
  pid: number;
  tid: number;
  ts?: number; // µs
  dur?: number; // µs
  /** The name of a track; of a tile's event, the program and its place in it. */
  args?: { name: string } | { program: ProgramName; place: number };
}

/** What Perfetto and Chrome's tracing page read. */
export interface ChromeTrace {
  traceEvents: ChromeEvent[];
  displayTimeUnit: 'ms';
  otherData: { clock: 'wall'; lostRecords: number; rule: string };
}

/** Decodes the rings of all threads. */
export function chromeTrace(plan: Plan, rings: readonly SharedArrayBuffer[]): ChromeTrace {
  const tracks = plan.tiles.map(({ index }) =>
    nameTrack(index, tileName(plan.options.grid, index)),
  );
  const events = [nameTrack(ENGINE_TRACK, 'Wafer.Engine'), ...tracks];
  let lostRecords = 0;
  for (const ring of rings) {
    const { records, lostCount } = readTraceRing(ring);
    lostRecords += lostCount;
    for (const record of records) events.push(toEvent(plan, record));
  }
  const rule = 'each thread keeps its newest records; the oldest are overwritten';
  return {
    traceEvents: events,
    displayTimeUnit: 'ms',
    otherData: { clock: 'wall', lostRecords, rule },
  };
}

/** Track ids start at 0 for the engine. */
function trackId(track: number): number {
  return track + 1;
}

function nameTrack(track: number, name: string): ChromeEvent {
  const tid = trackId(track);
  return { name: 'thread_name', ph: 'M', pid: PROCESS_ID, tid, args: { name } };
}

function toEvent(plan: Plan, { startMs, endMs, track, code }: TraceRecord): ChromeEvent {
  const what = track === ENGINE_TRACK ? { name: engineName(code) } : tileEvent(plan, track, code);
  const ts = startMs * US_PER_MS;
  const dur = (endMs - startMs) * US_PER_MS;
  return { ...what, ph: 'X', pid: PROCESS_ID, tid: trackId(track), ts, dur };
}

function engineName(code: number): string {
  return code === ENGINE_CODES.step ? 'step' : 'sample';
}

function tileEvent(
  plan: Plan,
  tile: number,
  code: number,
): Pick<ChromeEvent, 'name' | 'cat' | 'args'> {
  const isWait = code >= WAIT_CODES;
  const found = instructionAt(plan.tiles[tile]!.programs, isWait ? code - WAIT_CODES : code);
  assert(found !== undefined, 'a record is of an instruction', { tile, code });
  const { instruction, program, place } = found;
  const name = instructionName(plan, instruction);
  const args = { program, place };
  if (isWait) return { name: `wait: ${name}`, cat: 'wait', args };
  const cat = isChannelInstruction(instruction) ? instruction.op : 'compute';
  return { name, cat, args };
}

function instructionName(plan: Plan, instruction: Instruction): string {
  if (!isChannelInstruction(instruction)) return labelOf(instruction);
  const [first] = instruction.channels;
  return `${instruction.op} ${plan.channels[first ?? 0]?.window ?? ''}`;
}

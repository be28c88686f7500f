/**
 * Trace rings as Chrome trace events: one JSON object that opens in Perfetto or chrome://tracing.
 *
 * A process per chip with a track per tile, and one of the engine; complete events (`X`), arrows
 * from each send to its receive (`s`, `f`) and metadata (`M`), times in microseconds. Tiles that
 * carry a virtual clock have a second track each, in a process of their own: steps one after the
 * other, from the first event on.
 */
import { assert, instructionAt, isChannelInstruction, labelOf, tileName } from '@wafer/core';
import type { Instruction, Plan } from '@wafer/core';
import { arrowsOf, messagesOf } from './arrows.ts';
import type { ChromeEvent, ChromeTrace, InstructionPlace } from './chrome-event.ts';
import type { Traced } from './arrows.ts';
import { ENGINE_CODES, ENGINE_TRACK, MESSAGE_CODES, readTraceRing } from './trace-ring.ts';
import { WAIT_CODES } from './trace-ring.ts';
import type { TraceRecord } from './trace-ring.ts';
import { virtualTraced } from './virtual-events.ts';

const US_PER_MS = 1000;
/** The process of the engine; those of chips follow. */
const PROCESS_ID = 1;

/** Decodes the rings of all threads; `chipOf` says on which chip each tile lies. */
export function chromeTrace(
  plan: Plan,
  rings: readonly SharedArrayBuffer[],
  chipOf: readonly number[],
): ChromeTrace {
  const read = rings.map(readTraceRing);
  const traced = read.flatMap(({ records }) =>
    records.map((record): Traced => ({ record, event: toEvent(plan, record, chipOf) })),
  );
  const messages = messagesOf(plan, traced);
  for (const { bytes, send, receive } of messages) {
    for (const { event } of [send, receive]) {
      const args = event.args as InstructionPlace;
      args.bytes = (args.bytes ?? 0) + bytes;
    }
  }
  const shown = traced.filter(({ record: { code } }) => code < MESSAGE_CODES);
  const virtual = virtualTraced(traced, {
    tileCount: plan.tiles.length,
    chipCount: countOf(chipOf),
  });
  const virtualMessages = messagesOf(plan, virtual);
  return {
    traceEvents: [
      ...names(plan, chipOf, { hasVirtual: virtual.length > 0 }),
      ...shown.map(({ event }) => event),
      ...virtual.filter(({ record: { code } }) => code < MESSAGE_CODES).map(({ event }) => event),
      ...arrowsOf(plan, messages, 1),
      ...arrowsOf(plan, virtualMessages, 1 + messages.length),
    ],
    displayTimeUnit: 'ms',
    otherData: {
      clock: 'wall',
      virtualClock: virtual.length > 0,
      lostRecords: read.reduce((sum, { lostCount }) => sum + lostCount, 0),
      rule: 'each thread keeps its newest records; the oldest are overwritten',
    },
  };
}

/** Processes and tracks. */
function names(
  plan: Plan,
  chipOf: readonly number[],
  { hasVirtual }: { hasVirtual: boolean },
): ChromeEvent[] {
  const events = [
    naming('process_name', ENGINE_PLACE, 'Wafer'),
    naming('thread_name', ENGINE_PLACE, 'Wafer.Engine'),
  ];
  const [tileCount, chipCount] = [plan.tiles.length, countOf(chipOf)];
  for (const clock of hasVirtual ? ['', ', virtual clock'] : ['']) {
    const seen = new Set<number>();
    for (const { index } of plan.tiles) {
      const chip = chipOf[index]!;
      const own = placeOf(index, chip);
      const place = clock === '' ? own : { pid: own.pid + chipCount, tid: own.tid + tileCount };
      if (!seen.has(chip))
        events.push(naming('process_name', place, `Wafer.Chip[${chip}]${clock}`));
      seen.add(chip);
      events.push(naming('thread_name', place, tileName(plan.options.grid, index)));
    }
  }
  return events;
}

const ENGINE_PLACE = { pid: PROCESS_ID, tid: 0 };

function naming(
  what: 'process_name' | 'thread_name',
  place: { pid: number; tid: number },
  name: string,
): ChromeEvent {
  return { name: what, ph: 'M', ...place, args: { name } };
}

/** Track ids start at 0 for the engine. */
function placeOf(tile: number, chip: number): { pid: number; tid: number } {
  return { pid: PROCESS_ID + 1 + chip, tid: tile + 1 };
}

function countOf(chipOf: readonly number[]): number {
  return new Set(chipOf).size;
}

function toEvent(
  plan: Plan,
  { startMs, endMs, track, code, step }: TraceRecord,
  chipOf: readonly number[],
): ChromeEvent {
  const isEngine = track === ENGINE_TRACK;
  const what = isEngine ? { name: engineName(code) } : tileEvent(plan, track, { code, step });
  const place = isEngine ? ENGINE_PLACE : placeOf(track, chipOf[track]!);
  const ts = startMs * US_PER_MS;
  const dur = (endMs - startMs) * US_PER_MS;
  return { ...what, ph: 'X', ...place, ts, dur };
}

function engineName(code: number): string {
  return code === ENGINE_CODES.step ? 'step' : 'sample';
}

function tileEvent(
  plan: Plan,
  tile: number,
  { code, step }: { code: number; step: number },
): Pick<ChromeEvent, 'name' | 'cat' | 'args'> {
  if (code >= MESSAGE_CODES) return { name: 'message', cat: 'message' };
  const isWait = code >= WAIT_CODES;
  const found = instructionAt(plan.tiles[tile]!.programs, isWait ? code - WAIT_CODES : code);
  assert(found !== undefined, 'a record is of an instruction', { tile, code });
  const { instruction, program, place } = found;
  const name = instructionName(plan, instruction);
  const args: InstructionPlace = { program, place, step };
  if (isWait) return { name: `wait: ${name}`, cat: 'wait', args };
  const cat = isChannelInstruction(instruction) ? instruction.op : 'compute';
  return { name, cat, args };
}

function instructionName(plan: Plan, instruction: Instruction): string {
  if (!isChannelInstruction(instruction)) return labelOf(instruction);
  const [first] = instruction.channels;
  return `${instruction.op} ${plan.channels[first ?? 0]?.window ?? ''}`;
}

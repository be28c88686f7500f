/**
 * Trace rings as Chrome trace events: one JSON object that opens in Perfetto or chrome://tracing.
 *
 * A process per chip with a track per tile, and one of the engine; complete events (`X`), arrows from
 * each send to its receive (`s`, `f`) and metadata (`M`), times in microseconds. Source: "Trace Event
 * Format".
 */
import { assert, instructionAt, isChannelInstruction, labelOf, tileName } from '@wafer/core';
import type { Instruction, Plan, ProgramName } from '@wafer/core';
import { ENGINE_CODES, ENGINE_TRACK, readTraceRing, WAIT_CODES } from './trace-ring.ts';
import type { TraceRecord } from './trace-ring.ts';

const US_PER_MS = 1000;
/** The process of the engine; those of chips follow. */
const PROCESS_ID = 1;
const F32_BYTES = 4;

/** A complete event, an end of an arrow, or metadata that names a process or a track. */
export interface ChromeEvent {
  /** For people; what it is says `cat`. */
  name: string;
  /** Of a tile's events; `wait`: it was blocked on the instruction. */
  cat?: 'compute' | 'send' | 'receive' | 'release' | 'wait' | 'message';
  ph: 'X' | 'M' | 's' | 'f';
  /** Of an arrow: the same at both ends. */
  id?: number;
  /** An arrow ends at the event that it ends in. */
  bp?: 'e';
  pid: number;
  tid: number;
  ts?: number; // µs
  dur?: number; // µs
  /** The name of a process or track; of a tile's event, where its instruction stands. */
  args?: { name: string } | InstructionPlace;
}

/** An instruction of a tile's program, and what it moves. */
export interface InstructionPlace {
  program: ProgramName;
  place: number;
  /** Of a send: payload of one row, over all its channels. */
  bytesPerRow?: number;
  /** Of a send, where it is known: its payload. */
  bytes?: number;
}

/** What Perfetto and Chrome's tracing page read. */
export interface ChromeTrace {
  traceEvents: ChromeEvent[];
  displayTimeUnit: 'ms';
  otherData: { clock: 'wall'; lostRecords: number; rule: string };
}

/** Decodes the rings of all threads; `chipOf` says on which chip each tile lies. */
export function chromeTrace(
  plan: Plan,
  rings: readonly SharedArrayBuffer[],
  chipOf: readonly number[],
): ChromeTrace {
  const pidOf = (track: number): number =>
    track === ENGINE_TRACK ? PROCESS_ID : PROCESS_ID + 1 + chipOf[track]!;
  const named = (
    what: 'process_name' | 'thread_name',
    track: number,
    name: string,
  ): ChromeEvent => ({
    name: what,
    ph: 'M',
    pid: pidOf(track),
    tid: trackId(track),
    args: { name },
  });
  const events = [
    named('process_name', ENGINE_TRACK, 'Wafer'),
    named('thread_name', ENGINE_TRACK, 'Wafer.Engine'),
  ];
  const seen = new Set<number>();
  for (const { index } of plan.tiles) {
    const chip = chipOf[index]!;
    if (!seen.has(chip)) events.push(named('process_name', index, `Wafer.Chip[${chip}]`));
    seen.add(chip);
    events.push(named('thread_name', index, tileName(plan.options.grid, index)));
  }
  const arrows = new Arrows(plan.channels.length);
  let lostRecords = 0;
  for (const ring of rings) {
    const { records, lostCount } = readTraceRing(ring);
    lostRecords += lostCount;
    for (const record of records) {
      const event = toEvent(plan, record, pidOf(record.track));
      events.push(event);
      arrows.add(plan, record, event);
    }
  }
  const rule = 'each thread keeps its newest records; the oldest are overwritten';
  return {
    traceEvents: [...events, ...arrows.events(plan)],
    displayTimeUnit: 'ms',
    otherData: { clock: 'wall', lostRecords, rule },
  };
}

/**
 * Arrows from sends to receives. A channel keeps its order, so its newest send is what its newest
 * receive took, and so on back to where a ring has lost records.
 */
class Arrows {
  readonly #sends: ChromeEvent[][];
  readonly #receives: ChromeEvent[][];

  constructor(channelCount: number) {
    this.#sends = Array.from({ length: channelCount }, () => []);
    this.#receives = Array.from({ length: channelCount }, () => []);
  }

  add(plan: Plan, { track, code }: TraceRecord, event: ChromeEvent): void {
    if (event.cat !== 'send' && event.cat !== 'receive') return;
    const { instruction } = instructionAt(plan.tiles[track]!.programs, code)!;
    if (!isChannelInstruction(instruction)) return;
    const ends = event.cat === 'send' ? this.#sends : this.#receives;
    for (const channel of instruction.channels) ends[channel]!.push(event);
  }

  events(plan: Plan): ChromeEvent[] {
    let id = 0;
    return plan.channels.flatMap(({ index, window }) => {
      const [sends, receives] = [this.#sends[index]!, this.#receives[index]!];
      const count = Math.min(sends.length, receives.length);
      return Array.from({ length: count }, (_, i) => i + 1).flatMap((back): ChromeEvent[] => {
        const [from, to] = [sends.at(-back)!, receives.at(-back)!];
        const arrow = { name: window, cat: 'message', id: ++id } as const;
        return [
          { ...arrow, ph: 's', pid: from.pid, tid: from.tid, ts: middleOf(from) },
          { ...arrow, ph: 'f', bp: 'e', pid: to.pid, tid: to.tid, ts: middleOf(to) },
        ];
      });
    });
  }
}

/** Within an event, µs: where an arrow is tied to it. */
function middleOf({ ts = 0, dur = 0 }: ChromeEvent): number {
  return ts + dur / 2;
}

/** Track ids start at 0 for the engine. */
function trackId(track: number): number {
  return track + 1;
}

function toEvent(
  plan: Plan,
  { startMs, endMs, track, code }: TraceRecord,
  pid: number,
): ChromeEvent {
  const what = track === ENGINE_TRACK ? { name: engineName(code) } : tileEvent(plan, track, code);
  const ts = startMs * US_PER_MS;
  const dur = (endMs - startMs) * US_PER_MS;
  return { ...what, ph: 'X', pid, tid: trackId(track), ts, dur };
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
  const args: InstructionPlace = { program, place };
  if (instruction.op === 'send') args.bytesPerRow = rowBytes(plan, instruction.channels);
  if (isWait) return { name: `wait: ${name}`, cat: 'wait', args };
  const cat = isChannelInstruction(instruction) ? instruction.op : 'compute';
  return { name, cat, args };
}

function instructionName(plan: Plan, instruction: Instruction): string {
  if (!isChannelInstruction(instruction)) return labelOf(instruction);
  const [first] = instruction.channels;
  return `${instruction.op} ${plan.channels[first ?? 0]?.window ?? ''}`;
}

function rowBytes(plan: Plan, channels: readonly number[]): number {
  return channels.reduce((sum, index) => sum + plan.channels[index]!.columnCount * F32_BYTES, 0);
}

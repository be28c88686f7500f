/**
 * Events of a trace as Perfetto and Chrome's tracing page read them. Source: "Trace Event Format".
 */
import type { ProgramName } from '@wafer/core';

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
  /** A process or track, by name; a tile's event, by instruction; an arrow, by payload and step. */
  args?: { name: string } | InstructionPlace | { bytes: number; step: number };
}

/** An instruction of a tile's program, and what it moved. */
export interface InstructionPlace {
  program: ProgramName;
  place: number;
  /** Steps that the tile had ended before. */
  step: number;
  /** Of a send or a receive: payload of its messages. */
  bytes?: number;
}

/** What Perfetto and Chrome's tracing page read. */
export interface ChromeTrace {
  traceEvents: ChromeEvent[];
  displayTimeUnit: 'ms';
  /** `virtualClock`: whether processes of that name carry the time of a described machine. */
  otherData: { clock: 'wall'; virtualClock: boolean; lostRecords: number; rule: string };
}

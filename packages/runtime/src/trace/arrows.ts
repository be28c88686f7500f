/**
 * Arrows of a trace: from each send to the receive that took its message.
 *
 * A channel keeps its order, so the messages of one step are taken in the order in which they were
 * sent. Where a ring has lost one of a step, or a step is under way, that step has no arrows.
 */
import { assert, instructionAt } from '@wafer/core';
import type { Plan } from '@wafer/core';
import type { ChromeEvent } from './chrome-event.ts';
import { MESSAGE_CODES, WAIT_CODES } from './trace-ring.ts';
import type { TraceRecord } from './trace-ring.ts';

const F32_BYTES = 4;

/** A record with what it has become. */
export interface Traced {
  record: TraceRecord;
  event: ChromeEvent;
}

interface Ends {
  sends: Traced[];
  /** Messages, and the receives that took them. */
  takes: { rowCount: number; receive: Traced }[];
}

/** A message, from one instruction to the other. */
export interface TracedMessage {
  channel: number;
  /** Steps that its sender had ended before. */
  step: number;
  bytes: number; // payload
  send: Traced;
  receive: Traced;
}

/** Every message whose two ends are known. `traced` holds each thread's records in their order. */
export function messagesOf(plan: Plan, traced: readonly Traced[]): TracedMessage[] {
  const known = new Map<string, Ends>();
  const endsOf = (channel: number, step: number): Ends => {
    const key = `${channel}:${step}`;
    const ends = known.get(key) ?? { sends: [], takes: [] };
    known.set(key, ends);
    return ends;
  };
  /** By tile: the receive under whose record its messages follow. */
  const newest = new Map<number, Traced>();
  for (const each of traced) {
    const { track, code, step, rowCount } = each.record;
    if (code >= MESSAGE_CODES) {
      const receive = newest.get(track);
      assert(rowCount >= 0, 'a message has rows', { track, step, rowCount });
      if (receive) endsOf(code - MESSAGE_CODES, step).takes.push({ rowCount, receive });
    } else if (each.event.cat === 'receive') newest.set(track, each);
    else if (each.event.cat === 'send' && code < WAIT_CODES) {
      const { instruction } = instructionAt(plan.tiles[track]!.programs, code)!;
      if (instruction.op !== 'send') continue;
      for (const channel of instruction.channels) endsOf(channel, step).sends.push(each);
    }
  }
  return [...known].flatMap(([key, { sends, takes }]) => {
    if (sends.length !== takes.length) return [];
    const [channel, step] = key.split(':').map(Number) as [number, number];
    const rowBytes = plan.channels[channel]!.columnCount * F32_BYTES;
    return sends.map((send, i): TracedMessage => {
      const { rowCount, receive } = takes[i]!;
      return { channel, step, bytes: rowCount * rowBytes, send, receive };
    });
  });
}

/** The two ends of each arrow, numbered from `firstId`. */
export function arrowsOf(
  plan: Plan,
  messages: readonly TracedMessage[],
  firstId: number,
): ChromeEvent[] {
  return messages.flatMap(({ channel, step, bytes, send, receive }, i): ChromeEvent[] => {
    const [from, to] = [send.event, receive.event];
    const name = plan.channels[channel]!.window;
    const arrow = { name, cat: 'message', id: firstId + i, args: { bytes, step } } as const;
    return [
      { ...arrow, ph: 's', pid: from.pid, tid: from.tid, ts: from.ts! },
      { ...arrow, ph: 'f', bp: 'e', pid: to.pid, tid: to.tid, ts: endOf(to) },
    ];
  });
}

/** A message may be taken before its send has returned, never before it has begun. */
function endOf({ ts = 0, dur = 0 }: ChromeEvent): number {
  return ts + dur;
}

/**
 * One decoded token of a traced pass: what every tile did in its step, and which messages went
 * from tile to tile. The step is the one of median length, so that it is like most.
 */
import { assert } from '@wafer/core';
import type { AuditedStep, Plan } from '@wafer/core';
import type { ChromeEvent, ChromeTrace } from '@wafer/runtime';

/** A run that was traced, from one of its steps on. */
export interface TracedRun {
  plan: Plan;
  /** All since the start. */
  steps: readonly AuditedStep[];
  firstStep: number;
  chipOf: readonly number[];
  link: string;
}

export interface TimelineSpan {
  tile: number;
  kind: 'compute' | 'send' | 'wait';
  startUs: number;
  endUs: number;
}

export interface TimelineMessage {
  source: number;
  target: number;
  isKerf: boolean;
  sentUs: number;
  takenUs: number;
  bytes: number; // payload
}

export interface TokenTimeline {
  clock: 'wall';
  /** Of all steps since the start. */
  step: number;
  lengthUs: number;
  /** By tile, then time; times since the first tile began. */
  spans: TimelineSpan[];
  messages: TimelineMessage[];
}

/** The timeline of a run; undefined where no step of one token was traced whole. */
export function tokenTimeline(trace: ChromeTrace, run: TracedRun): TokenTimeline | undefined {
  const { plan, steps, firstStep, chipOf } = run;
  const byStep = new Map<number, ChromeEvent[]>();
  for (const event of trace.traceEvents) {
    const { ph, tid, args } = event;
    if (ph !== 'X' || tid < 1 || tid > plan.tiles.length || !args || !('step' in args)) continue;
    const own = byStep.get(args.step);
    if (own) own.push(event);
    else byStep.set(args.step, [event]);
  }
  const whole = [...byStep]
    .filter(([step, events]) => {
      const { program, tokens } = steps[step] ?? { program: 'infer', tokens: [] };
      if (step < firstStep || tokens.length !== 1) return false;
      const count = events.filter(({ cat }) => cat !== 'wait').length;
      return count === plan.tiles.reduce((sum, tile) => sum + tile.programs[program].length, 0);
    })
    .map(([step, events]) => ({ step, events, ...boundsOf(events) }))
    .toSorted((a, b) => a.endUs - a.startUs - (b.endUs - b.startUs));
  const median = whole[Math.floor((whole.length - 1) / 2)];
  if (median === undefined) return undefined;
  const { step, events, startUs, endUs } = median;
  const spans = events.map((event): TimelineSpan => {
    const [from, to] = [event.ts! - startUs, event.ts! + event.dur! - startUs];
    return { tile: event.tid - 1, kind: kindOf(event), startUs: from, endUs: to };
  });
  const messages = messagesOf(trace, { step, startUs }).map(
    ({ source, target, ...rest }): TimelineMessage => {
      return { source, target, isKerf: chipOf[source] !== chipOf[target], ...rest };
    },
  );
  return {
    clock: 'wall',
    step,
    lengthUs: endUs - startUs,
    spans: joined(spans.toSorted((a, b) => a.tile - b.tile || a.startUs - b.startUs)),
    messages,
  };
}

function boundsOf(events: readonly ChromeEvent[]): { startUs: number; endUs: number } {
  const startUs = events.reduce((least, { ts }) => Math.min(least, ts!), Infinity);
  const endUs = events.reduce((most, { ts, dur }) => Math.max(most, ts! + dur!), startUs);
  return { startUs, endUs };
}

/** Spans of a tile that follow each other and are of a kind, as one. */
function joined(spans: readonly TimelineSpan[]): TimelineSpan[] {
  const result: TimelineSpan[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    const follows = last?.tile === span.tile && last.kind === span.kind;
    if (follows && span.startUs - last.endUs < 1) last.endUs = Math.max(last.endUs, span.endUs);
    else result.push({ ...span });
  }
  return result;
}

/** Arrows of a step, as messages: those of the next may begin before all tiles have ended this. */
function messagesOf(
  { traceEvents }: ChromeTrace,
  { step, startUs }: { step: number; startUs: number },
): Omit<TimelineMessage, 'isKerf'>[] {
  const ends = new Map(traceEvents.flatMap((e) => (e.ph === 'f' ? [[e.id, e] as const] : [])));
  return traceEvents.flatMap((event) => {
    const { ph, id, tid, ts = 0, args } = event;
    if (ph !== 's' || !args || !('step' in args) || args.step !== step) return [];
    const end = ends.get(id);
    assert(end !== undefined, 'an arrow has two ends', { id });
    const { bytes = 0 } = args;
    const [sentUs, takenUs] = [ts - startUs, end.ts! - startUs];
    return [{ source: tid - 1, target: end.tid - 1, sentUs, takenUs, bytes }];
  });
}

function kindOf({ cat }: ChromeEvent): TimelineSpan['kind'] {
  if (cat === 'wait') return 'wait';
  return cat === 'send' || cat === 'receive' ? 'send' : 'compute';
}

/**
 * A short pass of its own with traces on, so that no measured row pays for them: what every tile
 * did when, and what every channel carried.
 *
 * A thread traces instructions by their step and their place in a program, which names the channels
 * of each send. A channel's messages of one step are of one size: the audit says which. Slices of
 * time then add up to the audit, to the byte.
 */
import { auditSteps, assert, gridName, sendsPerStep, tileName } from '@wafer/core';
import type { AuditedStep, Plan } from '@wafer/core';
import type { ChromeEvent, ChromeTrace, Wafer } from '@wafer/runtime';
import type { WaferSettings } from './wafer-settings.ts';
import { BenchRow } from './bench-row.ts';
import type { BenchTask } from './bench-row.ts';
import { placementOf } from './placement.ts';
import type { Placement } from './placement.ts';
import { tokenTimeline } from './token-timeline.ts';
import type { TokenTimeline, TracedRun } from './token-timeline.ts';
import type { StartWafer } from './wall-part.ts';

/** Shares of a slice; the rest is idle. */
export interface TileSlice {
  compute: number;
  send: number;
  wait: number;
}

export interface FabricSlice {
  startMs: number;
  endMs: number;
  /** By tile. */
  tiles: TileSlice[];
  /** By channel: payload of the sends that ended in the slice. */
  channelBytes: number[];
}

export interface FabricTrace {
  clock: 'wall';
  grid: { width: number; height: number };
  chipOf: readonly number[];
  link: string;
  channels: { name: string; source: number; target: number; isKerf: boolean }[];
  slices: FabricSlice[];
}

/** Counters of one channel over the traced pass. */
export interface ChannelRow {
  channel: string;
  window: string;
  isKerf: boolean;
  messages: number;
  payloadBytes: number;
  overheadBytes: number;
  waitMs: number;
}

export interface TracedPart {
  grid: string;
  fabric: FabricTrace;
  placement: Placement;
  /** Undefined where no step of one token was traced whole. */
  timeline: TokenTimeline | undefined;
  channels: ChannelRow[];
  trace: ChromeTrace;
  tokens: readonly number[];
}

/** Records that a thread keeps; the oldest are overwritten. */
export const TRACED_RECORDS = 65_536;
const SLICES = 48;

/** Runs the pass. Throws: the signal's reason, and what starting and generating throw. */
export async function tracePass(
  settings: WaferSettings,
  use: { task: BenchTask; link: string; start: StartWafer },
): Promise<TracedPart> {
  const { task, link, start } = use;
  const { chips, chipOf } = settings.resolved.dice;
  const options = { ...settings.options, traceRecords: TRACED_RECORDS };
  await using wafer = await start(options);
  const grid = gridName(wafer.plan.options.grid);
  const row = new BenchRow({ name: `${grid} diced ${gridName(chips)}`, link, wafer, chipOf });
  await row.warmUp(task);
  const warmed = (await wafer.metrics()).stepCount;
  const startUs = performance.now() * 1000;
  await row.repeat(task);
  await row.audit();
  const { steps } = await wafer.metrics();
  assert(steps !== undefined, 'steps are recorded', { row: row.name });
  const trace = wafer.trace();
  trace.traceEvents = eventsSince(trace.traceEvents, startUs);
  const run = { plan: wafer.plan, steps, firstStep: warmed, chipOf, link };
  const fabric = fabricTrace(trace, run);
  return {
    grid,
    fabric,
    placement: placementOf(wafer.plan, chipOf),
    timeline: tokenTimeline(trace, run),
    channels: channelRows(wafer, chipOf),
    trace,
    tokens: row.tokens,
  };
}

/** What began at `startUs` or later; arrows whose two ends did. */
function eventsSince(events: readonly ChromeEvent[], startUs: number): ChromeEvent[] {
  const isNew = ({ ph, ts }: ChromeEvent): boolean => ph === 'M' || ts! >= startUs;
  const old = new Set(events.flatMap((event) => (isNew(event) ? [] : [event.id])));
  return events.filter((event) => isNew(event) && (event.id === undefined || !old.has(event.id)));
}

/** Cuts a trace into slices of equal time. */
export function fabricTrace(trace: ChromeTrace, run: TracedRun): FabricTrace {
  const { plan, steps, chipOf, link } = run;
  const { grid } = plan.options;
  const byTile = plan.tiles.map(({ index }) =>
    trace.traceEvents.filter(({ ph, tid }) => ph === 'X' && tid === index + 1),
  );
  const events = byTile.flat();
  const startUs = events.reduce((least, { ts }) => Math.min(least, ts!), Infinity);
  const endUs = events.reduce((most, { ts, dur }) => Math.max(most, ts! + dur!), startUs);
  const sliceUs = Math.max((endUs - startUs) / SLICES, 1e-6);
  const slices = Array.from({ length: SLICES }, (_, i): FabricSlice => {
    const at = (edge: number): number => (edge * sliceUs) / 1000;
    const tiles = plan.tiles.map(() => ({ compute: 0, send: 0, wait: 0 }));
    return { startMs: at(i), endMs: at(i + 1), tiles, channelBytes: plan.channels.map(() => 0) };
  });
  const sizes = messageSizes(plan, steps);
  for (const [tile, own] of byTile.entries()) {
    for (const event of own) addTime(slices, tile, event, { startUs, sliceUs });
    for (const { event, channels, step } of sendsOf(plan, tile, own)) {
      const slice = Math.floor((event.ts! + event.dur! - startUs) / sliceUs);
      const { channelBytes } = slices[Math.min(slice, SLICES - 1)]!;
      for (const channel of channels) channelBytes[channel]! += sizes[step]![channel]!;
    }
  }
  const channels = plan.channels.map(({ source, target }) => ({
    name: `${tileName(grid, source)} → ${tileName(grid, target)}`,
    source,
    target,
    isKerf: chipOf[source] !== chipOf[target],
  }));
  return { clock: 'wall', grid, chipOf, link, channels, slices };
}

/** Bytes of one message, by step and channel; rows of experts as if chosen evenly. */
function messageSizes(plan: Plan, steps: readonly AuditedStep[]): number[][] {
  return steps.map((step) => {
    const sends = sendsPerStep(plan, step.program);
    return auditSteps(plan, [step]).map(({ channel, payloadBytes }) =>
      sends[channel] === 0 ? 0 : payloadBytes / sends[channel]!,
    );
  });
}

/** The sends of a tile, with their channels and their step. */
function sendsOf(
  plan: Plan,
  tile: number,
  events: readonly ChromeEvent[],
): { event: ChromeEvent; channels: readonly number[]; step: number }[] {
  const { programs } = plan.tiles[tile]!;
  return events.flatMap((event) => {
    const { cat, args } = event;
    if (cat !== 'send' || args === undefined || !('place' in args)) return [];
    const instruction = programs[args.program][args.place]!;
    assert(instruction.op === 'send', 'a place keeps its instruction', { tile, ...args });
    return [{ event, channels: instruction.channels, step: args.step }];
  });
}

/** Adds an event's time to the slices it lies in. */
function addTime(
  slices: readonly FabricSlice[],
  tile: number,
  event: ChromeEvent,
  scale: { startUs: number; sliceUs: number },
): void {
  const { startUs, sliceUs } = scale;
  const [from, to] = [event.ts! - startUs, event.ts! + event.dur! - startUs];
  const kind = kindOf(event);
  const last = Math.min(Math.floor(to / sliceUs), slices.length - 1);
  for (let i = Math.floor(from / sliceUs); i <= last; i++) {
    const overlap = Math.min(to, (i + 1) * sliceUs) - Math.max(from, i * sliceUs);
    if (overlap > 0) slices[i]!.tiles[tile]![kind] += overlap / sliceUs;
  }
}

function kindOf({ cat }: ChromeEvent): keyof TileSlice {
  if (cat === 'wait') return 'wait';
  return cat === 'send' || cat === 'receive' ? 'send' : 'compute';
}

function channelRows(wafer: Wafer, chipOf: readonly number[]): ChannelRow[] {
  const { plan } = wafer;
  return wafer.traffic().channels.map((counters) => {
    const { source, target, window } = plan.channels[counters.channel]!;
    return {
      channel: `${tileName(plan.options.grid, source)} > ${tileName(plan.options.grid, target)}`,
      window,
      isKerf: chipOf[source] !== chipOf[target],
      messages: counters.messages,
      payloadBytes: counters.payloadBytes,
      overheadBytes: counters.overheadBytes,
      waitMs: counters.waitNs / 1e6,
    };
  });
}

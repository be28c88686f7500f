/**
 * `GET /v1/admin/live`: what the server, its wafers and its tenants do, twice a second, as events.
 *
 * Counters since the start; who reads makes rates of them. Tiles and channels count in shared
 * memory, so that looking costs an engine one message.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { LiveLink, LiveModel, LiveSnapshot, LiveWafer } from '@wafer/dashboard';
import type { Wafer } from '@wafer/runtime';
import type { Endpoint, ServerEvent } from '../http/route.ts';
import type { ModelEntry } from '../models/model-entry.ts';
import type { Services } from '../services.ts';

const EVERY_MS = 500;
const ENGINE_WAIT_MS = 250;

export const LIVE_VIEW: Endpoint<Services> = {
  method: 'GET',
  path: '/v1/admin/live',
  summary: 'What tiles, links, queues and tenants do, as events',
  access: 'admin',
  handler: ({ signal }, services) => ({ kind: 'events', events: snapshots(services, signal) }),
};

async function* snapshots(
  services: Services,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent, void, undefined> {
  while (!signal.aborted && !services.isDraining()) {
    yield { data: await snapshotOf(services) };
    await wait(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function snapshotOf({ models, figures, version }: Services): Promise<LiveSnapshot> {
  const { answers, tenants } = figures.answers;
  const shown = await Promise.all(models.entries.map(modelOf));
  return { atMs: performance.now(), version, models: shown, tenants, answers };
}

async function modelOf({ spec, state, wafer, adapterOf }: ModelEntry): Promise<LiveModel> {
  const isOwn = adapterOf === undefined;
  const shown = wafer === undefined || !isOwn ? undefined : await waferOf(wafer);
  return { id: spec.id, state, wafer: shown };
}

/** Undefined where the engine does not answer in time. */
async function waferOf(wafer: Wafer): Promise<LiveWafer | undefined> {
  const late = wait(ENGINE_WAIT_MS, undefined, { ref: false });
  const metrics = await Promise.race([wafer.metrics().catch(() => undefined), late]);
  if (metrics === undefined) return undefined;
  const { scheduler, kv, promptTokens, generatedTokens } = metrics;
  const { plan, dice } = wafer;
  const { tiles, channels } = wafer.traffic();
  const links = new Map<string, LiveLink>();
  for (const { channel, messages, payloadBytes, overheadBytes } of channels) {
    const ends = plan.channels[channel]!;
    const source = dice.chipOf[ends.source]!;
    const target = dice.chipOf[ends.target]!;
    const key = `${source} ${target}`;
    const link = links.get(key) ?? { source, target, bytes: 0, messages: 0 };
    link.bytes += payloadBytes + overheadBytes;
    link.messages += messages;
    links.set(key, link);
  }
  return {
    width: plan.options.grid.width,
    tiles: tiles.map(({ tile, computeNs, sendNs, waitNs, idleNs }) => ({
      ...{ chip: dice.chipOf[tile]!, computeNs, sendNs, waitNs, idleNs },
    })),
    links: [...links.values()],
    ...{ promptTokens, generatedTokens },
    runningCount: scheduler.runningCount,
    waitingCount: scheduler.waitingCount,
    preemptionCount: scheduler.preemptionCount,
    kvBlockCount: kv.blockCount,
    kvHeldCount: kv.blockCount - kv.freeCount - kv.idleCount,
    prefixHitCount: kv.hitCount,
    prefixMissCount: kv.missCount,
  };
}

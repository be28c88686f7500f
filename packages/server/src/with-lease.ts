/**
 * A model leased for as long as its answer takes: a whole's until it is there, a stream's until its
 * end, whatever ends it.
 */
import { mapStream } from '@wafer/runtime/internal';
import type { Call, Reply, ServerEvent } from './http/route.ts';
import type { Lease } from './models/model-entry.ts';
import type { Services } from './services.ts';

/** Answers with a model. Throws: ApiError 404 and 503 of the lease, and what `answer` throws. */
export async function withLease(
  { models }: Pick<Services, 'models'>,
  { model, caller }: { model: string } & Pick<Call, 'caller'>,
  answer: (lease: Lease) => Promise<Reply>,
): Promise<Reply> {
  const lease = await models.lease(model, caller);
  let isKept = false;
  try {
    const reply = await answer(lease);
    if (reply.kind !== 'events') return reply;
    isKept = true;
    return { ...reply, events: leased(reply.events, lease) };
  } finally {
    if (!isKept) lease[Symbol.dispose]();
  }
}

function leased(
  events: AsyncIterable<ServerEvent>,
  lease: Lease,
): AsyncGenerator<ServerEvent, void, undefined> {
  return mapStream({
    open: () => events[Symbol.asyncIterator](),
    map: (event) => event,
    onEnd: () => lease[Symbol.dispose](),
  });
}

/**
 * Several streams as one: whatever comes first.
 */

type Stream<Item> = AsyncGenerator<Item, void, undefined>;

/** All streams as they come; when one fails or the caller leaves, all are ended. */
export function mergeStreams<Item>(streams: readonly Stream<Item>[]): Stream<Item> {
  return streams.length === 1 ? streams[0]! : merged(streams);
}

async function* merged<Item>(streams: readonly Stream<Item>[]): Stream<Item> {
  const pending = new Map<number, Promise<{ at: number; next: IteratorResult<Item> }>>();
  const pull = (at: number): void => {
    pending.set(
      at,
      streams[at]!.next().then((next) => ({ at, next })),
    );
  };
  streams.forEach((_, at) => pull(at));
  try {
    while (pending.size > 0) {
      const { at, next } = await Promise.race(pending.values());
      if (next.done === true) pending.delete(at);
      else {
        pull(at);
        yield next.value;
      }
    }
  } finally {
    // A generator that runs takes its return behind what it waits for; its failure is told once.
    for (const waiting of pending.values()) waiting.catch(() => undefined);
    await Promise.allSettled(streams.map(async (stream) => stream.return()));
  }
}

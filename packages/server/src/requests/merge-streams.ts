/**
 * Several streams as one: whatever comes first.
 */

/** Yields from all streams as they come; when one fails or the caller leaves, all are ended. */
export async function* mergeStreams<Item>(
  streams: readonly AsyncIterator<Item>[],
): AsyncGenerator<Item, void, undefined> {
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
    await Promise.allSettled(streams.map(async (stream) => stream.return?.()));
  }
}

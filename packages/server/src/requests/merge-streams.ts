/**
 * Several streams as one: whatever comes first.
 */

type Stream<Item> = AsyncGenerator<Item, void, undefined>;

/** All streams as they come; when one fails or the caller leaves, all are ended. */
export function mergeStreams<Item>(streams: readonly Stream<Item>[]): Stream<Item> {
  return streams.length === 1 ? streams[0]! : merged(streams);
}

interface Arrival<Item> {
  at: number;
  /** Undefined: the stream failed. */
  next: IteratorResult<Item, void> | undefined;
  error?: unknown;
}

async function* merged<Item>(streams: readonly Stream<Item>[]): Stream<Item> {
  // In the order in which they came: a stream that is always ready waits for the others' turn.
  const arrivals: Arrival<Item>[] = [];
  let wake = (): void => undefined;
  const pull = (at: number): void => {
    const arrive = (arrival: Arrival<Item>): void => {
      arrivals.push(arrival);
      wake();
    };
    streams[at]!.next().then(
      (next) => arrive({ at, next }),
      (error: unknown) => arrive({ at, next: undefined, error }),
    );
  };
  streams.forEach((_, at) => pull(at));
  try {
    for (let openCount = streams.length; openCount > 0;) {
      const arrival = arrivals.shift();
      if (arrival === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else if (arrival.next === undefined) throw arrival.error;
      else if (arrival.next.done === true) openCount--;
      else {
        pull(arrival.at);
        yield arrival.next.value;
      }
    }
  } finally {
    // A generator that runs takes its return behind what it waits for.
    await Promise.allSettled(streams.map(async (stream) => stream.return()));
  }
}

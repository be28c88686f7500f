/**
 * A stream made of another, item by item, without a generator of its own.
 *
 *     open ─▶ source ─ next ─▶ map ─▶ item          end: done, failed or left; told once
 *
 * A generator costs three turns of the queue of microtasks per item and layer, and an answer passes
 * several layers per token. This costs one, and otherwise is as lazy and as strict as a generator:
 * nothing is opened before the first item is asked for, and what is left early is returned.
 */
import { LeftStream } from './left-stream.ts';

type Source<In> = AsyncIterator<In, unknown, undefined>;

export interface MapStreamParts<In, Out> {
  /** Called once, for the first item. */
  open: () => Source<In> | Promise<Source<In>>;
  map: (item: In) => Out;
  /** Told once, behind the last item, a failure, or the leaving of the reader. */
  onEnd?: (() => void) | undefined;
}

/** Streams what `open` gives, each item through `map`. Throws: what they throw. */
export function mapStream<In, Out>(
  parts: MapStreamParts<In, Out>,
): AsyncGenerator<Out, void, undefined> {
  return new MappedStream(parts);
}

class MappedStream<In, Out> extends LeftStream<Out> {
  readonly #parts: MapStreamParts<In, Out>;
  #opening: Promise<Source<In>> | undefined;
  #source: Source<In> | undefined;
  #isOver = false;

  constructor(parts: MapStreamParts<In, Out>) {
    super();
    this.#parts = parts;
  }

  async next(): Promise<IteratorResult<Out, void>> {
    if (this.#isOver) return LeftStream.DONE;
    try {
      this.#source ??= await (this.#opening ??= Promise.resolve(this.#parts.open()));
      const got = await this.#source.next();
      if (got.done !== true) return { done: false, value: this.#parts.map(got.value) };
    } catch (error) {
      await this.leave().catch(() => undefined);
      throw error;
    }
    this.#end();
    return LeftStream.DONE;
  }

  async leave(): Promise<void> {
    const wasOver = this.#isOver;
    this.#isOver = true;
    try {
      // Who leaves while it is being opened waits for that.
      const source = this.#source ?? (await this.#opening?.catch(() => undefined));
      if (!wasOver) await source?.return?.();
    } finally {
      if (!wasOver) this.#parts.onEnd?.();
    }
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.onEnd?.();
  }
}

/**
 * The part of a generator that leaving it is, for streams that are none: each way out is one
 * `leave`. A stream gives what comes next, and what is to be done once nobody wants more.
 */
export abstract class LeftStream<Item> implements AsyncGenerator<Item, void, undefined> {
  static readonly DONE: IteratorReturnResult<undefined> = Object.freeze({
    done: true,
    value: undefined,
  });

  abstract next(): Promise<IteratorResult<Item, void>>;

  /** Ends the stream for its reader; called however often. */
  abstract leave(): Promise<void>;

  async return(): Promise<IteratorResult<Item, void>> {
    await this.leave();
    return LeftStream.DONE;
  }

  async throw(error: unknown): Promise<IteratorResult<Item, void>> {
    await this.leave();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }
}

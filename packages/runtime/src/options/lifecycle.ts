/**
 * The life of a wafer, for those who keep one running: where it stands, and when it is over.
 *
 *   starting ──▶ running ──▶ closing ──▶ closed
 *       └───────────┴──▶ failed ──▶ (closing ──▶ closed, once somebody closes it)
 */
export type WaferState = 'starting' | 'running' | 'failed' | 'closing' | 'closed';

/** Told of every change; with `failed`, of the reason. */
export type StateListener = (state: WaferState, error?: Error) => void;

export class Lifecycle {
  readonly #listener: StateListener | undefined;
  readonly #onListenerError: (error: unknown) => void;
  readonly #ended = Promise.withResolvers<Error | undefined>();
  #state: WaferState = 'starting';
  #failure: Error | undefined;

  /** A listener that throws is told of to `onListenerError`, and harms nothing. */
  constructor(
    listener: StateListener | undefined,
    onListenerError: (error: unknown) => void = () => undefined,
  ) {
    this.#listener = listener;
    this.#onListenerError = onListenerError;
    this.#tell();
  }

  get state(): WaferState {
    return this.#state;
  }

  /** What made it fail. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Resolves once nothing of the wafer is left: with the failure, if that was its end. */
  get closed(): Promise<Error | undefined> {
    return this.#ended.promise;
  }

  run(): void {
    if (this.#state === 'starting') this.#enter('running');
  }

  /** Only the first failure counts, and none after its owner closed it. */
  fail(error: Error): void {
    if (this.#state !== 'starting' && this.#state !== 'running') return;
    this.#failure = error;
    this.#enter('failed');
  }

  /** Its owner wants its end. */
  close(): void {
    this.#enter('closing');
  }

  /** Nothing of it is left. */
  end(): void {
    if (this.#state === 'closing') this.#enter('closed');
    this.#ended.resolve(this.#failure);
  }

  #enter(state: WaferState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#tell();
  }

  #tell(): void {
    try {
      if (this.#state === 'failed') this.#listener?.('failed', this.#failure);
      else this.#listener?.(this.#state);
    } catch (error) {
      this.#onListenerError(error);
    }
  }
}

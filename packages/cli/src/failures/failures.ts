/**
 * How a command ends other than by success or by a coded error.
 */

/** The command line cannot be understood; the message says what is wrong with which word. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A signal asked the command to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly kind: 'interrupted' | 'terminated';

  constructor(kind: 'interrupted' | 'terminated') {
    super(kind);
    this.kind = kind;
  }
}

/** The reader of standard output went away, as `head` does: an end, not a failure. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/**
 * A question that the model has no answer to, with the reason: a value, since rows go on after it.
 */
export interface Refusal {
  readonly refused: string;
}

/** An answer that is none. */
export function refuse(reason: string): Refusal {
  return { refused: reason };
}

/** Whether there is no answer. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}

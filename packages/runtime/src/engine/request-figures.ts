/**
 * What became of requests since the start, and how long they took.
 */

/** Many durations, in short. */
export interface Tally {
  count: number;
  sumMs: number;
  maxMs: number;
}

/** Counts of requests since the start, and how long they took. */
export interface RequestFigures {
  /** Ended by themselves. */
  finished: number;
  /** Ended by their caller. */
  aborted: number;
  /** Ended by an error, OVERLOADED and DEADLINE_EXCEEDED among them. */
  refused: number;
  /** Guessed tokens, and those of them that were right. */
  draftedTokens: number;
  acceptedTokens: number;
  /** From arrival to the first step; to the first token; and from token to token, of answers. */
  queue: Tally;
  firstToken: Tally;
  perToken: Tally;
}

export function createFigures(): RequestFigures {
  const tally = (): Tally => ({ count: 0, sumMs: 0, maxMs: 0 });
  return {
    finished: 0,
    aborted: 0,
    refused: 0,
    draftedTokens: 0,
    acceptedTokens: 0,
    queue: tally(),
    firstToken: tally(),
    perToken: tally(),
  };
}

/** Adds `count` durations that are `ms` long in the mean. */
export function addTo(tally: Tally, ms: number, count = 1): void {
  if (count === 0) return;
  tally.count += count;
  tally.sumMs += ms * count;
  tally.maxMs = Math.max(tally.maxMs, ms);
}

/** An answer as figures see it. */
interface CountedAnswer {
  sequence: { arrivedAtMs: number };
  /** Tokens of the answer. */
  count: number;
  firstTokenAtMs: number;
  speculation: { draftedCount: number; acceptedCount: number } | undefined;
}

/** Adds an answer that ended by itself. */
export function countAnswer(figures: RequestFigures, answer: CountedAnswer, nowMs: number): void {
  const { count, firstTokenAtMs, speculation } = answer;
  addTo(figures.firstToken, firstTokenAtMs - answer.sequence.arrivedAtMs);
  addTo(figures.perToken, (nowMs - firstTokenAtMs) / Math.max(1, count - 1), count - 1);
  figures.draftedTokens += speculation?.draftedCount ?? 0;
  figures.acceptedTokens += speculation?.acceptedCount ?? 0;
}

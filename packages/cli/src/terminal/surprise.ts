/**
 * How badly a running model foretells tokens: the one measure behind `eval` and `perplexity`.
 *
 * Excerpts are read by themselves, several at a time; what comes of them is added in their order,
 * so that the sum does not depend on how they were batched. Natural logarithms.
 */
import type { Wafer } from '@wafer/runtime';
import { ProgressLine } from './progress.ts';
import type { Terminal } from './terminal.ts';

/** Tokens that are read from the first one on. */
export interface Excerpt {
  tokens: ArrayLike<number>;
  /** Whether each counts as a target; undefined: all but the first do. */
  counts?: ArrayLike<number>;
}

/** Nats over all targets that counted. */
export interface Surprise {
  nats: number;
  targets: number;
}

/** Excerpts under way at once: enough to fill steps, and within the bounds of a queue. */
const AT_ONCE = 16;

/**
 * Scores excerpts that foretell `tokenCount` tokens at most.
 *
 * Throws: as `Wafer.score`; the signal's reason.
 */
export async function surpriseOf(
  wafer: Wafer,
  excerpts: Iterable<Excerpt>,
  use: { tokenCount: number; terminal: Terminal; signal: AbortSignal },
): Promise<Surprise> {
  const progress = new ProgressLine(use.terminal, 'reading', () => performance.now());
  const found: Surprise[] = [];
  const left = Iterator.from(excerpts);
  let [begun, done] = [0, 0];
  const work = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) {
      const i = begun++;
      found[i] = sumOf(await wafer.score(next.value.tokens), next.value);
      use.signal.throwIfAborted();
      done += next.value.tokens.length - 1;
      progress.reportCount(done, use.tokenCount, 'token');
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    progress.close();
  }
  let [nats, targets] = [0, 0];
  for (const one of found) {
    nats += one.nats;
    targets += one.targets;
  }
  return { nats, targets };
}

function sumOf(scores: readonly { logprob: number }[], { counts }: Excerpt): Surprise {
  let [nats, targets] = [0, 0];
  scores.forEach(({ logprob }, i) => {
    if (counts !== undefined && counts[i + 1] === 0) return;
    nats -= logprob;
    targets++;
  });
  return { nats, targets };
}

/**
 * Requests as their caller sees them: streams of rows, and single results; of pieces, see
 * `answer-stream.ts`.
 *
 * What a caller does not take waits in its inbox, and no more than it was granted: each consumer is
 * granted more when it has taken half, and without a grant its sequence pauses in the engine.
 */
import { WaferError } from '@wafer/core';
import type { EngineCommand, EngineEvent, LogitsEvent } from '../engine/messages.ts';
import type { AdapterUse } from '../engine/sequence.ts';
import type { Inbox } from './inbox.ts';

/** Rows of logits that wait for a slow consumer; then their sequence pauses. */
const ROWS_AHEAD_BYTES = 16 * 2 ** 20;

/** One request's way to the engine and back. */
export interface RequestLine {
  readonly id: number;
  /** Its events; who waits for them holds the process. */
  readonly inbox: Inbox<EngineEvent>;
  command(command: EngineCommand): void;
  /** Nothing more is taken. */
  close(): void;
}

/** Streams logits of a prompt, [V] each, position by position, beginning with `from`. */
export async function* streamLogits(
  line: RequestLine,
  prompt: { tokens: Int32Array; adapter: AdapterUse | undefined; from: number },
  vocabCount: number,
): AsyncGenerator<{ position: number; logits: Float32Array }, void, undefined> {
  const credit = Math.max(2, Math.floor(ROWS_AHEAD_BYTES / (vocabCount * 4)));
  const command = { kind: 'logits', id: line.id, ...prompt, credit } as const;
  const taken = new Int32Array(1);
  let isDone = false;
  try {
    line.command(command);
    while (!isDone) {
      for (const { position, logits, isLast } of (await line.inbox.take()) as LogitsEvent[]) {
        isDone = isLast;
        if (!isDone) grantMore(line, { taken, index: 0, ahead: credit });
        yield { position, logits };
      }
    }
  } finally {
    line.close();
    if (!isDone) line.command({ kind: 'abort', id: line.id });
  }
}

/** Sends a command that one event answers. Throws: what the engine refuses with. */
export async function askOnce<Kind extends EngineEvent['kind']>(
  line: RequestLine,
  command: EngineCommand,
  kind: Kind,
): Promise<EngineEvent & { kind: Kind }> {
  try {
    line.command(command);
    const [event] = await line.inbox.take();
    if (event?.kind === kind) return event as EngineEvent & { kind: Kind };
    const details = { thread: 'engine', tiles: 'none', reason: `no ${kind} from it` };
    throw new WaferError('TILE_CRASHED', details);
  } finally {
    line.close();
  }
}

/** Takes note of one that was taken; grants as many more when half are. */
export function grantMore(
  line: RequestLine,
  use: { taken: Int32Array; index: number; ahead: number },
): void {
  const { taken, index, ahead } = use;
  const count = taken[index]! + 1;
  const isDue = 2 * count >= ahead;
  taken[index] = isDue ? 0 : count;
  if (isDue) line.command({ kind: 'grant', id: line.id, index, count });
}

/**
 * A thread's ends of the channels of a cut, and how it waits for them: it looks for a while, then
 * sleeps on its doorbell.
 *
 * In an exchange the first thread of a chip sends all that others need and takes all that comes,
 * whatever comes first, so that no order of chips can block.
 */
import type { Doorbell, Receiver, Sender, Transport } from '@wafer/fabric';
import { WHOLE } from '../neighbors.ts';
import type { StageEnds } from '../neighbors.ts';
import type { CutPart, ExchangePhase } from '../thread.ts';
import type { ThreadPlace } from '../thread-state.ts';
import type { TrainCut } from './plan-cut.ts';

/** Looks before it sleeps. */
const LOOKS = 200;

/** What a thread of a chip is given. */
export interface CrossingParts {
  cut: TrainCut;
  chip: number;
  /** Its number among all threads. */
  thread: number;
  place: ThreadPlace;
  transport: Transport;
  doorbell: Doorbell;
}

/** The thread's part in a cut. */
export function bindCrossing(parts: CrossingParts): CutPart {
  const { cut, chip, thread, doorbell } = parts;
  const share = cut.shares[chip]!;
  const { first, threadCount } = share;
  const waitUntil = (isSo: () => boolean): void => {
    for (let look = 0; look < LOOKS; look++) if (isSo()) return;
    while (!isSo()) doorbell.sleepUnless(isSo);
  };
  const exchanges = new Map<ExchangePhase, Exchange>(
    (['sums', 'squares', 'weights'] as const).map((phase) => [phase, exchangeOf(phase, parts)]),
  );
  return {
    ...{ first, threadCount, share },
    ends: { ...stageEnds(parts), waitUntil },
    exchange: (phase) => {
      if (thread === first) runExchange(exchanges.get(phase)!, waitUntil);
    },
  };
}

function stageEnds({ cut, thread, place, transport }: CrossingParts): Omit<StageEnds, 'waitUntil'> {
  const valuesIn: Receiver[] = [];
  const valuesOut: Sender[] = [];
  const gradientsIn: Receiver[] = [];
  const gradientsOut: Sender[] = [];
  if (place.tile === 0) {
    cut.channels.forEach((channel, index) => {
      const use = cut.uses[index]!;
      if ('phase' in use) return;
      const isForward = use.way === 'values';
      const { frame } = use;
      if (channel.source === thread) {
        (isForward ? valuesOut : gradientsOut)[frame] = transport.sender(channel);
      } else if (channel.target === thread) {
        (isForward ? valuesIn : gradientsIn)[frame] = transport.receiver(channel);
      }
    });
  }
  return { valuesIn, valuesOut, gradientsIn, gradientsOut };
}

interface Exchange {
  sends: readonly Sender[];
  receives: readonly Receiver[];
}

function exchangeOf(phase: ExchangePhase, { cut, thread, transport }: CrossingParts): Exchange {
  const own = cut.channels.filter((_, index) => {
    const use = cut.uses[index]!;
    return 'phase' in use && use.phase === phase;
  });
  const sends = own.filter(({ source }) => source === thread);
  const receives = own.filter(({ target }) => target === thread);
  return {
    sends: sends.map((channel) => transport.sender(channel)),
    receives: receives.map((channel) => transport.receiver(channel)),
  };
}

function runExchange(
  { sends, receives }: Exchange,
  waitUntil: (isSo: () => boolean) => void,
): void {
  const waiting = new Set(sends);
  const awaited = new Set(receives);
  const isSome = (): boolean => {
    for (const sender of waiting) if (sender.hasCredit()) return true;
    for (const receiver of awaited) if (receiver.isReady()) return true;
    return false;
  };
  while (waiting.size + awaited.size > 0) {
    waitUntil(isSome);
    for (const sender of waiting) {
      if (!sender.hasCredit()) continue;
      sender.send(WHOLE);
      waiting.delete(sender);
    }
    for (const receiver of awaited) {
      if (!receiver.isReady()) continue;
      receiver.take();
      receiver.release();
      awaited.delete(receiver);
    }
  }
}

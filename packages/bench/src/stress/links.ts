/**
 * Random traffic over links with faults: every message arrives once, in order and unharmed, or the
 * link ends with a code. One seed replays the run.
 *
 * Many short links, each with its own channels, slots, sizes, rates and first sequence number
 * (often just before 2^32). What a message must contain follows from its link, channel and number,
 * so the receiver needs no copy to compare with.
 */
import { assert } from '@wafer/core';
import type { ErrorCode } from '@wafer/core';
import { emptyStats, everyFault, FAULTS, mix, Random } from '@wafer/fabric/links';
import type { LinkStats, PerFault } from '@wafer/fabric/links';
import { checkDelivered, randomTalkers } from './talker.ts';
import type { Talker } from './talker.ts';
import { VirtualLink } from './virtual-link.ts';

export interface StressLinksOptions {
  seed: number;
  /** Messages to send at least, over all links. */
  messages: number;
  /** Probability of each fault per frame; each link takes between none and all of it. */
  faults?: Readonly<PerFault>;
  /** Faults of each kind to inject at least; 0 unless told. */
  faultsMin?: number;
}

export interface StressLinksResult {
  links: number;
  /** Links by how they ended: `closed`, or a code. */
  ends: Partial<Record<ErrorCode | 'closed', number>>;
  messagesSent: number;
  messagesDelivered: number;
  faults: PerFault;
  stats: LinkStats;
  /** Hash of all deliveries in order: the same for the same seed. */
  hash: number;
}

export const STRESS_FAULTS: Readonly<PerFault> = Object.freeze(everyFault(0.04));

const MESSAGES_PER_LINK = 400;
const TURNS_MAX = 200_000;

/** Runs one link to its end, in virtual time. */
function runLink(seed: number, budget: number, rates: PerFault): [VirtualLink, Talker, Talker] {
  const talkers = randomTalkers(seed, budget);
  const link = new VirtualLink(talkers, { seed: mix(seed ^ 0x1357), rates });
  let turns = 0;
  while (!link.hasEnded) {
    assert(++turns < TURNS_MAX, 'a link ends', { seed, nowMs: link.nowMs, turns });
    link.turn();
    if (talkers[0].isDone && talkers[1].isDone && link.endpoints[0].state === 'open') {
      link.endpoints[0].close();
    }
  }
  const [one, two] = talkers;
  checkDelivered(one, two);
  return [link, one, two];
}

/** Runs links until enough messages were sent and enough faults injected. */
export function stressLinks(options: StressLinksOptions): StressLinksResult {
  const { seed, messages, faults = STRESS_FAULTS, faultsMin = 0 } = options;
  const random = new Random(seed);
  const result: StressLinksResult = {
    links: 0,
    ends: {},
    messagesSent: 0,
    messagesDelivered: 0,
    faults: everyFault(0),
    stats: emptyStats(),
    hash: 0,
  };
  const isShort = (): boolean => FAULTS.some((fault) => result.faults[fault] < faultsMin);
  while (result.messagesSent < messages || isShort()) {
    const rates = everyFault(0);
    for (const fault of FAULTS) rates[fault] = faults[fault] * ((random.bits() >>> 0) / 2 ** 31);
    const budget = 1 + random.below(Math.min(messages, MESSAGES_PER_LINK));
    const [link, one, two] = runLink(random.bits(), budget, rates);
    result.links++;
    result.hash = mix(result.hash ^ one.hash ^ mix(two.hash));
    // Where the ends tell different stories, the one with an error has more to say.
    const end = one.ended === 'closed' ? two.ended! : one.ended!;
    result.ends[end] = (result.ends[end] ?? 0) + 1;
    for (const side of [0, 1] as const) {
      const { stats } = link.endpoints[side];
      for (const key of Object.keys(stats) as (keyof LinkStats)[]) result.stats[key] += stats[key];
      for (const fault of FAULTS) result.faults[fault] += link.injectors[side].counts[fault];
    }
    result.messagesSent = result.stats.messagesSent;
    result.messagesDelivered = result.stats.messagesReceived;
  }
  return result;
}

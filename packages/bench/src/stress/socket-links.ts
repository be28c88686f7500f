/**
 * The same traffic over real sockets: two ends in one process, faults between framing and socket.
 *
 * Time is real here, so what happens does not follow from the seed alone; what must hold does.
 */
import { assert } from '@wafer/core';
import type { ErrorCode } from '@wafer/core';
import {
  connectLink,
  emptyStats,
  everyFault,
  FaultInjector,
  FAULTS,
  LinkListener,
  mix,
  Random,
  SocketLink,
} from '@wafer/fabric/links';
import type {
  LinkClock,
  LinkStats,
  LinkWire,
  PerFault,
  SocketKind,
  SocketLinkParts,
} from '@wafer/fabric/links';
import { checkDelivered, randomTalkers } from './talker.ts';
import type { Talker } from './talker.ts';

export interface StressSocketLinksOptions {
  kind: SocketKind;
  seed: number;
  /** Messages that each end of each link sends. */
  messages: number;
  /** Links, one after the other. */
  links: number;
  faults: Readonly<PerFault>;
  clock: LinkClock;
}

export interface StressSocketLinksResult {
  ends: Partial<Record<ErrorCode | 'closed', number>>;
  messagesDelivered: number;
  faults: PerFault;
  stats: LinkStats;
}

const TUNING = { resendMs: 30, nakMs: 5, ackMs: 2 };
const DELAY_MS_MAX = 4;
/** A link that takes longer has stopped: three recoveries in a row take less than a second. */
const LINK_MS_MAX = 60_000;

/** Runs traffic over sockets; a message that arrives wrong stops the process. */
export async function stressSocketLinks(
  options: StressSocketLinksOptions,
): Promise<StressSocketLinksResult> {
  const result: StressSocketLinksResult = {
    ends: {},
    messagesDelivered: 0,
    faults: everyFault(0),
    stats: emptyStats(),
  };
  const random = new Random(options.seed);
  for (let i = 0; i < options.links; i++) {
    const { talkers, injectors, links } = await runSocketLink(options, random.bits());
    const end = talkers[0].ended === 'closed' ? talkers[1].ended! : talkers[0].ended!;
    result.ends[end] = (result.ends[end] ?? 0) + 1;
    for (const { deliveredCount } of talkers) result.messagesDelivered += deliveredCount;
    for (const { stats } of links) {
      for (const key of Object.keys(stats) as (keyof LinkStats)[]) result.stats[key] += stats[key];
    }
    for (const { counts } of injectors) {
      for (const fault of FAULTS) result.faults[fault] += counts[fault];
    }
  }
  return result;
}

async function runSocketLink(
  { kind, messages, faults, clock }: StressSocketLinksOptions,
  seed: number,
): Promise<{
  talkers: [Talker, Talker];
  injectors: FaultInjector[];
  links: readonly SocketLink[];
}> {
  const talkers = randomTalkers(seed, messages);
  const injectors: FaultInjector[] = [];
  const random = new Random(mix(seed));
  const now = (): number => clock.nowMs();
  const intercept = (wire: LinkWire): LinkWire => {
    const parts = { random, rates: faults, delayMsMax: DELAY_MS_MAX, now };
    const injector = new FaultInjector(wire, parts);
    injectors.push(injector);
    return injector;
  };
  const partsOf = ({ spec, handlers }: Talker): SocketLinkParts => ({
    spec: { ...spec, tuning: TUNING },
    handlers,
    clock,
    intercept,
  });
  const accepted = Promise.withResolvers<SocketLink>();
  const listener = await LinkListener.open({ kind }, (socket) => {
    accepted.resolve(new SocketLink(socket, partsOf(talkers[1])));
  });
  const first = connectLink(listener.address, partsOf(talkers[0]));
  const links = [first, await accepted.promise] as const;
  const endMs = clock.nowMs() + LINK_MS_MAX;
  while (links.some((link) => link.state !== 'ended')) {
    const states = links.map(({ state, stats }) => ({ state, ...stats }));
    assert(clock.nowMs() < endMs, 'a link ends', { seed, states });
    talkers[0].work(links[0]);
    talkers[1].work(links[1]);
    for (const injector of injectors) injector.advance();
    if (talkers.every(({ isDone }) => isDone) && first.state === 'open') first.close();
    await new Promise<void>((resolve) => clock.after(1, resolve));
  }
  listener.close();
  checkDelivered(...talkers);
  return { talkers, injectors, links };
}

/**
 * The chips of a cut by what joins them; what needs the network is loaded for sockets alone.
 */
import type { Rounding } from '@wafer/core';
import type { LinkKind } from '@wafer/runtime';
import type { WorkerJob } from '../threads.ts';
import type { TrainChips } from './chips.ts';
import type { TrainCut } from './plan-cut.ts';
import { PortChips } from './port-chips.ts';

/** Chips that begin when they are told to. */
export function chipsOf(
  job: Omit<WorkerJob, 'place'> & { link: LinkKind; rounding: Rounding },
  cut: TrainCut,
): TrainChips {
  const { link, rounding, module, ...shared } = job;
  if (link === 'port') return new PortChips({ ...shared, module }, cut);
  let opened: Promise<TrainChips> | undefined;
  const chips = (): Promise<TrainChips> =>
    (opened ??= import('./socket-chips.ts').then(
      ({ SocketChips }) => new SocketChips({ ...shared, link, rounding }, cut),
    ));
  return {
    begin: async () => (await chips()).begin(),
    step: async (use) => (await chips()).step(use),
    gather: async () => (await chips()).gather(),
    close: async () => (await opened)?.close(),
  };
}

/**
 * A chip among others: it opens the links to those of higher numbers, and does what its threads ask
 * for whenever they ring.
 */
import type { Doorbell } from '@wafer/fabric';
import { connectLink } from '@wafer/fabric/links';
import type { LinkAddress, SocketLink } from '@wafer/fabric/links';
import type { ChipParts } from './chip-body.ts';
import type { ChipLinks } from './chip-links.ts';
import { WALL_CLOCK } from './link-clock.ts';

/** Opens links to chips of higher numbers; the others come by themselves. */
export function connectPeers(
  links: ChipLinks,
  { chip, addresses, parts }: { chip: number; addresses: readonly LinkAddress[]; parts: ChipParts },
): void {
  for (const peer of links.peers.filter((number) => number > chip)) {
    const spec = { ...parts.spec('connect'), name: `Wafer.Link[${chip}-${peer}]` };
    const handlers = links.handlers(() => link);
    const link: SocketLink = connectLink(addresses[peer]!, { spec, clock: WALL_CLOCK, handlers });
  }
}

/** Work that the thread of sockets does between two sleeps. */
export interface TurnOfWork {
  readonly hasWork: boolean;
  work(): void;
}

/** Works whenever the doorbell rings, until it is stopped. */
export async function workWhenRung(
  doorbell: Doorbell,
  works: readonly TurnOfWork[],
  onFailure: (error: unknown) => void,
): Promise<void> {
  const hasWork = (): boolean => {
    for (let i = 0; i < works.length; i++) if (works[i]!.hasWork) return true;
    return false;
  };
  try {
    while (!doorbell.isStopped) {
      for (let i = 0; i < works.length; i++) works[i]!.work();
      await doorbell.rungUnless(hasWork);
    }
  } catch (error) {
    onFailure(error);
  }
}

/**
 * The parent's way to a chip: a link that it opens, by the secret that only the two know.
 */
import { randomBytes } from 'node:crypto';
import type { Rounding } from '@wafer/core';
import { connectLink } from '@wafer/fabric/links';
import type { LinkAddress, LinkHandlers, SocketLink } from '@wafer/fabric/links';
import { WALL_CLOCK } from './link-clock.ts';
import { linkIdentity, PARENT } from './protocol.ts';

/** What the ends of such a link must agree in. */
export interface ParentOfChips {
  secret: Uint8Array;
  isAuthenticated: boolean;
  rounding: Rounding;
}

/** Opens the link to a chip. */
export function connectChip(
  { address, chip }: { address: LinkAddress; chip: number },
  { secret, isAuthenticated, rounding }: ParentOfChips,
  handlers: LinkHandlers,
): SocketLink {
  return connectLink(address, {
    clock: WALL_CLOCK,
    spec: {
      name: `Wafer.Link[host-${chip}]`,
      role: 'connect',
      chip: PARENT,
      identity: linkIdentity(rounding),
      secret,
      isAuthenticated,
      nonce: randomBytes(16),
    },
    handlers,
  });
}

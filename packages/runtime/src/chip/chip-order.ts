/** What a chip process is told by its parent's first message, and what it answers. */
import type { Rounding } from '@wafer/core';
import type { LinkAddress, ListenerOptions } from '@wafer/fabric/links';

export interface ChipOrder {
  /** Hexadecimal. */
  secret: string;
  listen: ListenerOptions;
  /** Whether frames carry tags, see `LinkEnd`. */
  isAuthenticated: boolean;
  rounding: Rounding;
  revectorize: boolean;
}

/** Where it listens; or why it does not, and ends. */
export type ChipAnswer = LinkAddress | { reason: string };

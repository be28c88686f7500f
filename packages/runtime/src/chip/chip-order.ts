/** What a chip process is told by its parent's first message. */
import type { Rounding } from '@wafer/core';
import type { ListenerOptions } from '@wafer/fabric/links';

export interface ChipOrder {
  /** Hexadecimal. */
  secret: string;
  listen: ListenerOptions;
  /** Whether frames carry tags, see `LinkEnd`. */
  isAuthenticated: boolean;
  rounding: Rounding;
  revectorize: boolean;
}

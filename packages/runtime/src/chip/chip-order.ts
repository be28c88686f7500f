/** What a chip process is told on its standard input. */
import type { Rounding } from '@wafer/core';
import type { ListenerOptions } from '@wafer/fabric/links';

export interface ChipOrder {
  /** Hexadecimal. */
  secret: string;
  listen: ListenerOptions;
  rounding: Rounding;
  revectorize: boolean;
}

/**
 * Where one end of a link stands: plain data that its parts share. The endpoint writes it, arrivals
 * say what was heard, and nobody else changes it.
 */
import { WaferError } from '@wafer/core';

export type LinkPhase = 'greeting' | 'open' | 'ended';

export interface LinkState {
  phase: LinkPhase;
  /** Why the link ended; undefined if it did not, or as asked. */
  error: WaferError | undefined;
  /** Whether the other end has proved that it knows the secret. */
  isProved: boolean;
  hasSaidBye: boolean;
  hasHeardBye: boolean;
}

/** The state of a link that has not begun. */
export function newLinkState(): LinkState {
  const [hasSaidBye, hasHeardBye] = [false, false];
  return { phase: 'greeting', error: undefined, isProved: false, hasSaidBye, hasHeardBye };
}

/** The error of an end that says what it may not say. */
export function frameRefused(link: string, reason: string): WaferError {
  return new WaferError('LINK_FRAME', { link, reason });
}

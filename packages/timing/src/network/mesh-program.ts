/**
 * What runs on the exact network, as data: routes of colors, and what each PE does.
 *
 * A color is a set of static routes. At a router it takes wavelets from one port at a time and
 * copies each to one or more ports; after as many wavelets as a position holds the next position
 * counts (on the wafer a control wavelet moves the switch). PEs are named by index, row by row:
 *
 *        N                 pe = y * width + x, y grows to the south
 *      W-+-E    R ramp: to and from the PE
 *        S
 *
 * Source: Cerebras SDK documentation (colors, switch positions); wavelets carry one number.
 */

export const PORTS = ['N', 'E', 'S', 'W', 'R'] as const;

export type Port = (typeof PORTS)[number];

export interface SwitchPosition {
  readonly from: Port;
  readonly to: readonly Port[];
  /** Wavelets until the next position; the last position stays. */
  readonly wavelets?: number;
}

export interface ColorRoute {
  readonly pe: number;
  readonly color: number;
  readonly positions: readonly SwitchPosition[];
}

/**
 * One thing a PE does, wavelet by wavelet, before the next: a cycle for each wavelet.
 *
 *   send      own elements to a color
 *   add       wavelets of a color to own elements
 *   relay     both: a wavelet and the own element, summed, to another color; the sum is kept
 *   store     wavelets of a color in place of own elements
 *   pass      both: stored, and sent on to another color
 *   exchange  own elements to a color, while wavelets of another are added (or stored) elsewhere
 */
export interface PeAction {
  readonly does: 'send' | 'add' | 'relay' | 'store' | 'pass' | 'exchange';
  readonly input?: number;
  readonly output?: number;
  /** First own element and number of elements. */
  readonly start: number;
  readonly count: number;
  /** Of an exchange: where wavelets go, and whether they are added there. */
  readonly into?: { readonly start: number; readonly adds: boolean };
}

export interface MeshProgram {
  readonly width: number;
  readonly height: number;
  /** Own elements of each PE. */
  readonly elements: number;
  readonly routes: readonly ColorRoute[];
  /** Actions of each PE. */
  readonly actions: readonly (readonly PeAction[])[];
  /** Cycles from a PE to its router, and back. */
  readonly rampCycles: number;
  /** Wavelets that a router holds for a color before it refuses more. */
  readonly queueWavelets: number;
}

/** Two wavelets keep a link busy: one leaves while the next one comes. */
export const QUEUE_WAVELETS = 2;

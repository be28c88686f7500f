/**
 * What a server tells its dashboard, several times a second: counters since the start, of which the
 * page makes rates. No text of any request is in it.
 */

export interface LiveSnapshot {
  /** Of the server's monotonic clock. */
  atMs: number;
  version: string;
  models: LiveModel[];
  tenants: LiveTenant[];
  /** The newest answers that ended, oldest first. */
  answers: LiveAnswer[];
}

export interface LiveModel {
  id: string;
  state: string;
  /** Undefined while it is not loaded, or does not answer. */
  wafer: LiveWafer | undefined;
}

/** A wafer: its tiles row by row, what crosses its cuts, its engine. */
export interface LiveWafer {
  /** Tiles across. */
  width: number;
  tiles: LiveTile[];
  links: LiveLink[];
  runningCount: number;
  waitingCount: number;
  preemptionCount: number;
  kvBlockCount: number;
  /** Held by sequences. */
  kvHeldCount: number;
  prefixHitCount: number;
  prefixMissCount: number;
  promptTokens: number;
  generatedTokens: number;
}

/** Where a tile's time went since the start. */
export interface LiveTile {
  chip: number;
  computeNs: number;
  sendNs: number;
  waitNs: number;
  idleNs: number;
}

/** Everything that went from one chip to another, or that stayed on one. */
export interface LiveLink {
  source: number;
  target: number;
  bytes: number;
  messages: number;
}

/** Tokens of a tenant since the start. */
export interface LiveTenant {
  tenant: string;
  answerCount: number;
  promptTokens: number;
  cachedTokens: number;
  generatedTokens: number;
}

/** An answer that ended: how long it waited, read and wrote. */
export interface LiveAnswer {
  number: number;
  model: string;
  tenant: string;
  endedAtMs: number;
  queueMs: number;
  prefillMs: number;
  decodeMs: number;
  promptTokens: number;
  cachedTokens: number;
  generatedTokens: number;
  finish: string;
}

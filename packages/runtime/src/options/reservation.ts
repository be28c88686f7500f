/**
 * What one tenant has to itself of a wafer, whatever others ask for.
 */
export interface Reservation {
  tenant: string;
  /** Sequences that run at once. */
  slots: number;
  /** Positions of the KV cache that they may come to, all together. */
  kvTokens: number;
}

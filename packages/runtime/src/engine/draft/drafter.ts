/**
 * Whoever guesses what a sequence goes on with. A guess costs a row of a step; what is accepted is
 * what would have been picked anyway, so a drafter decides about speed alone.
 */
export interface Drafter {
  /**
   * Writes up to `countMax` guesses of what follows the first `tokenCount` tokens to `target`;
   * returns how many. Tokens known at the last call have not changed since.
   */
  draft(tokens: Int32Array, tokenCount: number, target: Int32Array, countMax: number): number;
}

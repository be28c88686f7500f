/**
 * What changes the logits of a request before a token is picked: stages, in a fixed order.
 *
 *     biases and penalties ▶ mask ▶ temperature, filters, draw
 *
 * A request has only the stages it asks for; without any, its logits are read and never written.
 */

/** Is told a token whose logit a stage is about to change, and the logit. */
export type KeepRaw = (token: number, logit: number) => void;

export interface LogitsStage {
  /**
   * Changes the logits of token number `tokenIndex` of the answer in place. `keepRaw` is told of
   * changes to tokens that may still be picked. Shapes: logits: [V].
   */
  apply(logits: Float32Array, tokenIndex: number, keepRaw?: KeepRaw): void;

  /** Takes note of the next token of the answer. */
  accept(token: number): void;
}

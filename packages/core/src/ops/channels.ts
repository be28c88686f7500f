/**
 * Instructions that hand rows from tile to tile. They compute nothing, so they have no room and no
 * cost of an op: what a message costs is for clocks to say. Only `receive` and `send` can block.
 */

/**
 * Waits for credit, then copies the rows of each channel to its window and rings. `completes`: id
 * of the all-reduce whose sum it is the first to hand out.
 */
export interface SendInstruction {
  op: 'send';
  channels: readonly number[];
  completes?: number;
}

/** Waits until every channel holds its next message. */
export interface ReceiveInstruction {
  op: 'receive';
  channels: readonly number[];
}

/** Gives the windows of the channels back to their senders. */
export interface ReleaseInstruction {
  op: 'release';
  channels: readonly number[];
}

export type ChannelInstruction = SendInstruction | ReceiveInstruction | ReleaseInstruction;

/**
 * Binds `send`, `receive` and `release`: which rows go out, and what has to be there first.
 *
 * The rows of a message live in an object of its channel, which is filled anew for each step.
 */
import type { ChannelPlan } from '@wafer/core';
import type { MessageRows } from '@wafer/fabric';
import { compute } from '../bound-instruction.ts';
import type { Binder, TileParts } from '../bound-instruction.ts';

export const bindSend: Binder<'send'> = ({ channels }, parts) => {
  const senders = channels.map((channel) => parts.senders.get(channel)!);
  const messages = channels.map((channel) => bindRows(parts.channels.get(channel)!, parts));
  let next = 0; // senders before it have credit, which nobody but this tile can use up
  return {
    kind: 'send',
    isReady: () => {
      while (next < senders.length && senders[next]!.hasCredit()) next++;
      return next === senders.length;
    },
    run: () => {
      next = 0;
      for (let i = 0; i < senders.length; i++) senders[i]!.send(messages[i]!());
    },
    blockedOn: () => channels[next] ?? -1,
  };
};

export const bindReceive: Binder<'receive'> = ({ channels }, parts) => {
  const receivers = channels.map((channel) => parts.receivers.get(channel)!);
  let next = 0; // receivers before it hold their message
  return {
    kind: 'receive',
    isReady: () => {
      while (next < receivers.length && receivers[next]!.isReady()) next++;
      return next === receivers.length;
    },
    run: () => {
      next = 0;
      for (let i = 0; i < receivers.length; i++) receivers[i]!.take();
    },
    blockedOn: () => channels[next] ?? -1,
  };
};

export const bindRelease: Binder<'release'> = ({ channels }, parts) => {
  const receivers = channels.map((channel) => parts.receivers.get(channel)!);
  return compute(() => {
    for (let i = 0; i < receivers.length; i++) receivers[i]!.release();
  });
};

/** Returns the rows of a channel's next message; `owned` ones are those that `embed` filled. */
function bindRows(channel: ChannelPlan, parts: TileParts): () => MessageRows {
  const { step, integers, owned } = parts;
  const { kind, routed, rowsMax } = channel;
  if (kind === 'owned') return () => owned;
  if (routed) {
    const indices = new Int32Array(rowsMax);
    const rows = { count: 0, indices };
    const first = routed.starts / 4 + routed.experts.start;
    const end = first + routed.experts.count;
    return () => {
      const start = integers[first]!;
      rows.count = integers[end]! - start;
      for (let i = 0; i < rows.count; i++) indices[i] = start + i;
      return rows;
    };
  }
  const rows: MessageRows = { count: 0, indices: undefined };
  const rowsPerToken = kind === 'slots' ? parts.constants.experts!.chosenCount : 1;
  return () => {
    rows.count = step.rowCount * rowsPerToken;
    return rows;
  };
}

/**
 * Parts of adapters' slots on their way to a chip: to where they belong, and nowhere else.
 */
import { expect, onTestFinished, test } from 'vitest';
import type { Plan } from '@wafer/core';
import { LinkListener, SocketLink, connectLink } from '@wafer/fabric/links';
import type { LinkEnd, LinkRole } from '@wafer/fabric/links';
import { openSynthetic } from '@wafer/models';
import { SLOT_PARTS, slotRange } from '../adapters/adapter-slots.ts';
import type { SlotPart } from '../adapters/adapter-slots.ts';
import { createMemories } from '../host.ts';
import { prepareModel } from '../prepare.ts';
import { WALL_CLOCK } from './link-clock.ts';
import { HOST_CHANNEL, hostChannels, linkIdentity, PARENT } from './protocol.ts';
import { SlotSender } from './relay/slot-sender.ts';
import { SlotEnd } from './slot-end.ts';
import { SLOT_HEAD_BYTES, SLOT_PIECE_BYTES } from './slot-piece.ts';

const SLOTS = 3;
const model = openSynthetic('synthetic:tiny');
const planOf = (rank: number): Plan =>
  prepareModel(model, { grid: '2x1', adapters: { slots: SLOTS, rank, targets: ['q'] } }).plan;
const PART: SlotPart = { tile: 1, share: 0, part: 'a', slot: 1 };
const SIXTEEN = 16; // pieces that may be under way

const specOf = (role: LinkRole, chip: number): LinkEnd => ({
  ...{ name: `Wafer.Link[${role}]`, role, chip, identity: linkIdentity('plain') },
  ...{ secret: new Uint8Array(32).fill(7), nonce: new Uint8Array(16) },
});

interface Joined {
  sender: SlotSender;
  /** The parent's end. */
  link: SocketLink;
  /** Of tile 1, the chip's only one. */
  memory: Uint8Array;
  /** Resolves when a part was told to be whole. */
  told(id: number): Promise<void>;
  /** How the chip's end of the link ended. */
  ended: Promise<unknown>;
}

/** A parent's sender, and a chip with tile 1, joined by a link. */
async function joined(plan: Plan): Promise<Joined> {
  const memories = createMemories(plan, [1]);
  const waiting = new Map<number, () => void>();
  const ended = Promise.withResolvers<unknown>();
  const nothing = (): void => undefined;
  const listener = await LinkListener.open({ kind: 'unix' }, (socket, admit) => {
    const link: SocketLink = new SocketLink(socket, {
      spec: specOf('listen', 1),
      clock: WALL_CLOCK,
      handlers: {
        channels: () => {
          admit();
          return hostChannels('chip');
        },
        onMessage: (message, payload) => {
          const id = new SlotEnd({ plan, memories, link }).take(message, payload);
          if (id !== undefined) waiting.get(id)?.();
        },
        onEnd: ended.resolve,
        ...{ onOpen: nothing, onCredit: nothing, onRoom: nothing },
      },
    });
  });
  const flush = (): void => sender.flush();
  const parent = connectLink(listener.address, {
    spec: specOf('connect', PARENT),
    clock: WALL_CLOCK,
    handlers: {
      channels: () => hostChannels('parent'),
      ...{ onCredit: flush, onRoom: flush, onOpen: nothing, onMessage: nothing, onEnd: nothing },
    },
  });
  const sender = new SlotSender(parent);
  onTestFinished(() => {
    parent.close();
    listener.close();
  });
  await parent.opened;
  const told = (id: number): Promise<void> =>
    new Promise((resolve) => waiting.set(id, () => resolve()));
  const memory = new Uint8Array(memories.get(1)!.buffer);
  return { sender, link: parent, memory, told, ended: ended.promise };
}

test('each part lies where the plan has it, however many pieces it takes', async () => {
  const plan = planOf(1024);
  const { sender, memory, told } = await joined(plan);
  const expected = memory.slice();
  const parts = SLOT_PARTS.flatMap((part) =>
    Array.from({ length: SLOTS }, (_, slot): SlotPart => ({ ...PART, part, slot })),
  );
  let pieces = 0;
  const placed = parts.map((part, id) => {
    const { address, bytes } = slotRange(plan, part);
    const values = new Uint8Array(bytes).map((_, i) => ((i + id) % 251) + 1);
    expected.set(values, address);
    pieces += Math.ceil(bytes / SLOT_PIECE_BYTES);
    const whole = told(id);
    sender.add({ id, part, bytes: values.buffer });
    return whole;
  });
  await Promise.all(placed);
  expect(pieces).toBeGreaterThan(SIXTEEN);
  expect(Buffer.compare(memory, expected)).toBe(0);
});

test.each<[string, Partial<SlotPart>, number]>([
  ['another chip’s tile', { tile: 0 }, 4],
  ['a tile that is not there', { tile: -1 }, 4],
  ['a share that is not there', { share: 99 }, 4],
  ['a slot that is not there', { slot: SLOTS }, 4],
  ['a slot below the first', { slot: -1 }, 4],
  ['a part that is none', { part: 'c' as 'a' }, 4],
  ['more than the part holds', { part: 'used' }, 8],
])('%s ends the link with a code, and nothing is written', async (_, change, bytes) => {
  const { sender, memory, ended } = await joined(planOf(16));
  const values = new Uint8Array(bytes).fill(1).buffer;
  sender.add({ id: 1, part: { ...PART, ...change }, bytes: values });
  expect(await ended).toMatchObject({ code: 'LINK_FRAME' });
  expect(Buffer.compare(memory, new Uint8Array(memory.length))).toBe(0);
});

test.each([-4, 4])(
  'bytes that begin %i from where their part does end the link',
  async (offset) => {
    const plan = planOf(16);
    const { link, memory, ended } = await joined(plan);
    const { tile, share, slot } = PART;
    const part = SLOT_PARTS.indexOf('used');
    const payloadBytes = SLOT_HEAD_BYTES + 4;
    const rows = { rowCount: 0, hasIndices: false, payloadBytes };
    link.send(HOST_CHANNEL.slots, rows, (payload) => {
      const head = Int32Array.of(1, tile, share, part, slot, offset, -1);
      payload.set(new Uint8Array(head.buffer));
    });
    expect(await ended).toMatchObject({ code: 'LINK_FRAME' });
    expect(Buffer.compare(memory, new Uint8Array(memory.length))).toBe(0);
  },
);

import { expect, test } from 'vitest';
import { ReceivingChannel, SendingChannel } from './link-channels.ts';

const SPEC = { channel: 3, bytesMax: 64, slots: 2 };

test('a receiver refuses a message for which it gave no credit, whatever it is', () => {
  const receiver = new ReceivingChannel(SPEC);
  receiver.accept('Wafer.Link[0-1]', 1, 64);
  receiver.accept('Wafer.Link[0-1]', 2, 0);
  const third = (): void => receiver.accept('Wafer.Link[0-1]', 3, 0);
  expect(third).toThrow(/LINK_FRAME.*message 3 of 0 bytes exceeds channel 3/);
  expect(receiver.release()).toBe(true);
  third();
  expect(() => receiver.accept('Wafer.Link[0-1]', 4, 0)).toThrow('LINK_FRAME');
});

test('a receiver refuses a payload that its channel has no room for', () => {
  const receiver = new ReceivingChannel(SPEC);
  expect(() => receiver.accept('Wafer.Link[0-1]', 1, 65)).toThrow(/LINK_FRAME.*65 bytes/);
});

test.each([0, 2, -1, 5])('a receiver refuses message %i where the first is due', (message) => {
  const receiver = new ReceivingChannel(SPEC);
  expect(() => receiver.accept('Wafer.Link[0-1]', message, 0)).toThrow(
    expect.objectContaining({ code: 'SEQUENCE_BROKEN' }),
  );
});

test('a receiver gives back what it was given, and no more', () => {
  const receiver = new ReceivingChannel({ ...SPEC, firstCount: -1 });
  expect(receiver.release()).toBe(false);
  receiver.accept('Wafer.Link[0-1]', 0, 0);
  expect(receiver.release()).toBe(true);
  expect(receiver.release()).toBe(false);
  expect(receiver.takeCredit()).toBe(0);
});

test('a credit is urgent once half of the slots are used up, and not after it was sent', () => {
  const receiver = new ReceivingChannel({ ...SPEC, slots: 4 });
  receiver.accept('Wafer.Link[0-1]', 1, 0);
  expect(receiver.isCreditUrgent).toBe(false);
  receiver.accept('Wafer.Link[0-1]', 2, 0);
  expect(receiver.isCreditUrgent).toBe(true);
  receiver.release();
  receiver.release();
  expect(receiver.takeCredit()).toBe(2);
  expect(receiver.isCreditUrgent).toBe(false);
});

test('a sender has as many credits as slots, and takes none for what it never sent', () => {
  const sender = new SendingChannel({ ...SPEC, firstCount: -1 });
  expect([sender.countSent(), sender.hasCredit, sender.countSent()]).toEqual([0, true, 1]);
  expect(sender.hasCredit).toBe(false);
  expect(sender.takeCredit(2)).toBe(false);
  expect(sender.hasCredit).toBe(false);
  expect(sender.takeCredit(0)).toBe(true);
  expect(sender.hasCredit).toBe(true);
  expect(sender.takeCredit(-1)).toBe(false); // older than the last one
  expect(sender.takeCredit(1)).toBe(true);
});

import { expect, test } from 'vitest';
import { bytesField, floatField, numberField, textField } from './protobuf.ts';

/** The examples of the format's own documentation. */
test('fields are written as the documentation of the format writes them', () => {
  expect([...numberField(1, 150)]).toEqual([0x08, 0x96, 0x01]);
  expect([...textField(2, 'testing')]).toEqual([0x12, 7, ...Buffer.from('testing')]);
  expect([...bytesField(3, numberField(1, 150))]).toEqual([0x1a, 3, 0x08, 0x96, 0x01]);
  expect([...numberField(1, -2)]).toEqual([0x08, 0xfe, ...new Array<number>(8).fill(0xff), 1]);
  expect([...floatField(1, 1)]).toEqual([0x0d, 0, 0, 0x80, 0x3f]);
  expect([...numberField(20, 1)]).toEqual([0xa0, 0x01, 1]);
  expect([...numberField(1, 2 ** 40)]).toEqual([8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]);
});

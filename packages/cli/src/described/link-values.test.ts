import { NVLINK4, PCIE5_X16 } from '@wafer/core';
import { expect, test } from 'vitest';
import { readLink } from './link-values.ts';

const numbers = (text: string): number[] => {
  const { latencyNs, bandwidthBytesPerS, overheadNs } = readLink(text);
  return [latencyNs.value, bandwidthBytesPerS.value, overheadNs.value];
};

test('a link is read by name, by three quantities and by fields in any order', () => {
  expect(readLink('nvlink4')).toBe(NVLINK4);
  expect(readLink('pcie5')).toBe(PCIE5_X16);
  expect(numbers('5us,50GB/s,10us')).toEqual([5000, 50e9, 10_000]);
  expect(numbers('overhead=10us, latency=5us,bandwidth=50GB/s')).toEqual([5000, 50e9, 10_000]);
  expect(readLink('latency=1ms').name).toBe('latency=1ms');
});

test('fields that are left out cost nothing', () => {
  expect(numbers('latency=1ms')).toEqual([1e6, Infinity, 0]);
  expect(numbers('bandwidth=1GB/s')).toEqual([0, 1e9, 0]);
});

test.each([
  '',
  'wire',
  'nvlink',
  'constructor',
  '5us,50GB/s',
  '5us,50GB/s,1us,1us',
  'latency=5us,latency=6us',
  'latency=5us=6us',
  'latency',
  'speed=1us',
  'bandwidth=0GB/s',
  'latency=50GB/s',
])("the link '%s' is refused", (text) => {
  expect(() => readLink(text)).toThrow(/Expected|PLAN_OPTION/);
});

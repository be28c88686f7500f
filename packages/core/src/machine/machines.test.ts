import { expect, test } from 'vitest';
import { WaferError } from '../errors.ts';
import { customLink, rewireLink } from './links.ts';
import { figuresIn, figuresOf, peakOf } from './machine-spec.ts';
import { findLink, findMachine, hostMachine, LINKS, MACHINES } from './machines.ts';
import { WAFER_CLOCKS_HZ, wse3At, WSE3 } from './wafers.ts';

test.each([...MACHINES, ...LINKS])('every figure of $name has a value and a source', (spec) => {
  const figures = figuresIn(spec);
  expect(figures.length).toBeGreaterThan(5);
  for (const { path, figure } of figures) {
    expect(figure.value, path).toBeGreaterThanOrEqual(0);
    expect(Number.isFinite(figure.value), path).toBe(true);
    expect(figure.source.length, path).toBeGreaterThan(8);
  }
});

test.each([...MACHINES, ...LINKS])('$name survives being sent as JSON', (spec) => {
  expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
});

test('machines and links are found by their names', () => {
  for (const machine of MACHINES) expect(findMachine(machine.name)).toBe(machine);
  for (const link of LINKS) expect(findLink(link.name)).toBe(link);
  expect(() => findMachine('h1000')).toThrow(/PLAN_OPTION: option as is h1000; expected one of/);
  expect(() => findLink('nvlink')).toThrow(/PLAN_OPTION: option link is nvlink/);
});

test('the wafer reaches what its usable rectangle gives, not the brochure', () => {
  expect(peakOf(WSE3, 'half')).toBeCloseTo(755 * 1170 * 16 * 1.1e9, -9);
  expect(WSE3.memory.bandwidthBytesPerS.value / 1e15).toBeCloseTo(23.3, 1);
  expect(WSE3.memory.bytes.value / 1e9).toBeCloseTo(43.4, 1);
  const capped = wse3At(WAFER_CLOCKS_HZ['power-capped']);
  expect(peakOf(capped, 'half') / peakOf(WSE3, 'half')).toBeCloseTo(0.826 / 1.1, 9);
});

test('links without kernels of their own are told apart by what was measured of them', () => {
  const messageNs = (name: string): number => {
    const { latencyNs, overheadNs } = findLink(name);
    return latencyNs.value + overheadNs.value;
  };
  // Between nodes a message was measured; for the bus one figure of an estimator stands.
  expect(messageNs('infiniband-ndr')).toBe(17_000);
  expect(messageNs('pcie5-x16')).toBe(10_000);
  expect(findLink('infiniband-ndr').efficiency.value).toBeCloseTo(0.724, 3);
  expect(findLink('infiniband-ndr').overheadNs.mark).toBe('calibrated');
});

test('a host that was not measured names what is missing', () => {
  const measured = { flopsPerS: 1e11, memoryBytes: 8e9, readBytesPerS: 2e10, opFloorNs: 500 };
  expect(hostMachine(measured).memory.bandwidthBytesPerS.value).toBe(2e10);
  expect(() => findMachine('host')).toThrow(/MACHINE_PARAMETER: machine host lacks flopsPerS/);
  expect(() => hostMachine({ ...measured, readBytesPerS: NaN })).toThrow(/readBytesPerS/);
});

test('a peak that is not known fails', () => {
  const machine = { ...WSE3, peakFlopsPerS: { half: figuresOf('given', 'test')(1) } };
  expect(() => peakOf(machine, 'f32')).toThrow(WaferError);
});

test.each([
  [{ latencyNs: -1, bandwidthBytesPerS: 1, overheadNs: 0 }, 'latencyNs'],
  [{ latencyNs: 0, bandwidthBytesPerS: 0, overheadNs: 0 }, 'bandwidthBytesPerS'],
  [{ latencyNs: 0, bandwidthBytesPerS: 1, overheadNs: NaN }, 'overheadNs'],
  [{ latencyNs: Infinity, bandwidthBytesPerS: 1, overheadNs: 0 }, 'latencyNs'],
])('a custom link of %o is refused', (facts, option) => {
  expect(() => customLink(facts)).toThrow(new RegExp(`PLAN_OPTION: option ${option}`));
});

test('rewiring a link changes its wire and leaves its software', () => {
  const nvlink = findLink('nvlink4');
  const slow = rewireLink(nvlink, { latencyNs: 9000, bandwidthBytesPerS: 1e9 });
  expect(slow.latencyNs.value).toBe(9000);
  expect(slow.bandwidthBytesPerS.value * slow.efficiency.value).toBe(1e9);
  expect([slow.overheadNs, slow.allReduce]).toEqual([nvlink.overheadNs, nvlink.allReduce]);
});

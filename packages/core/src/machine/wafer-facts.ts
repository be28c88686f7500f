/**
 * What is published of whole wafers: PEs, SRAM, clock, I/O, power. Nothing fitted.
 *
 * Programs see less than the brochure: the rectangle of PEs is the largest that a kernel gets.
 */
import { WaferError } from '../errors.ts';
import { figuresOf } from './machine-spec.ts';
import type { Figure } from './machine-spec.ts';
import { WAFER_CLOCKS_HZ } from './wafers.ts';
import type { WaferClock } from './wafers.ts';

export interface WaferFacts {
  readonly name: string;
  readonly title: string;
  readonly pesAcross: Figure;
  readonly pesDown: Figure;
  readonly sramBytesPerPe: Figure;
  /** Of a PE's SRAM: program, stack, buffers of messages. */
  readonly codeBytesPerPe: Figure;
  readonly clockHz: Figure;
  /** The least that anybody counts it with, where that is another and none was chosen. */
  readonly clockHzMin?: Figure | undefined;
  /** Half-precision multiply-adds of a PE and cycle. */
  readonly halfLanes: Figure;
  /** Of a whole system, to and from its hosts and other systems. */
  readonly ioBytesPerS: Figure;
  readonly watts: Figure;
  readonly areaMm2: Figure;
}

const read = figuresOf('read', 'Cerebras csl-examples repository, largest kernel rectangle');
const sdk = figuresOf('read', 'Cerebras SDK 1.4.0 documentation');
const announced = figuresOf('second hand', 'Cerebras announcements');
const skills = figuresOf('read', 'cerebras-csl-skills repository');
const CODE_BYTES = figuresOf(
  'assumed',
  'a stack of 4 KiB is published, code and buffers are not',
)(4096);
const AREA = announced(46_225);
const IO = figuresOf('read', 'Cerebras white paper, 12 x 100 Gb/s')(150e9);

export const WAFER_FACTS: readonly WaferFacts[] = [
  {
    name: 'wse2',
    title: 'Cerebras WSE-2 (CS-2)',
    pesAcross: read(750),
    pesDown: read(994),
    sramBytesPerPe: sdk(48 * 1024),
    codeBytesPerPe: CODE_BYTES,
    clockHz: WAFER_CLOCKS_HZ.paper,
    halfLanes: skills(4),
    ioBytesPerS: IO,
    watts: figuresOf('derived', 'WaferLLM energy ratios: 37.5 A100 of 400 W')(15_000),
    areaMm2: AREA,
  },
  {
    name: 'wse3',
    title: 'Cerebras WSE-3 (CS-3)',
    pesAcross: read(755),
    pesDown: read(1170),
    sramBytesPerPe: sdk(48 * 1024),
    codeBytesPerPe: CODE_BYTES,
    clockHz: WAFER_CLOCKS_HZ.paper,
    clockHzMin: WAFER_CLOCKS_HZ.examples,
    halfLanes: skills(8),
    ioBytesPerS: IO,
    watts: announced(23_000),
    areaMm2: AREA,
  },
];

/** Facts of a wafer by name, or undefined. */
export function tryWaferFacts(name: string): WaferFacts | undefined {
  return WAFER_FACTS.find((wafer) => wafer.name === name);
}

/** A wafer at a preset of its clock, and at no other. Throws: PLAN_OPTION. */
export function atClock(wafer: WaferFacts, clock: string): WaferFacts {
  const known = Object.keys(WAFER_CLOCKS_HZ) as WaferClock[];
  const preset = known.find((name) => name === clock);
  if (preset) return { ...wafer, clockHz: WAFER_CLOCKS_HZ[preset], clockHzMin: undefined };
  const expected = `one of ${known.join(', ')}`;
  throw new WaferError('PLAN_OPTION', { option: 'clock', value: clock, expected, known });
}

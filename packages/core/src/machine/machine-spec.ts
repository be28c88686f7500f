/**
 * Described machines and links: what a chip we do not have can do, as plain data.
 *
 * Every number is a `Figure`: its value, where it is from and how it was come by. A number that is
 * not known is absent, and asking for it fails; nothing is guessed in passing. The unit is the last
 * word of the field.
 */
import { WaferError } from '../errors.ts';

/**
 * How a figure was come by: read in its source, read in an account of it, from memory, by
 * arithmetic on other figures, fitted to published rows, measured here, given by the user, or
 * assumed for want of any publication.
 */
export type Mark =
  | 'read'
  | 'second hand'
  | 'recalled'
  | 'derived'
  | 'calibrated'
  | 'measured'
  | 'given'
  | 'assumed';

/** A number with its source. */
export interface Figure {
  readonly value: number;
  readonly mark: Mark;
  readonly source: string;
}

/** What arithmetic runs in: `half` is f16 or bf16. */
export type ArithmeticType = 'f32' | 'half';

/** A memory that weights can sit in. */
export interface MemorySpec {
  readonly bytes: Figure;
  readonly bandwidthBytesPerS: Figure;
  /** Share of the bandwidth that a long read gets. */
  readonly efficiency: Figure;
}

/** The mesh of a wafer, over which tiles of one chip talk. */
export interface FabricSpec {
  readonly pesAcross: Figure;
  readonly pesDown: Figure;
  readonly clockHz: Figure;
  readonly hopCycles: Figure;
  /** From PE to router, at either end. */
  readonly rampCycles: Figure;
  /** Of one link between neighboring PEs, one direction. */
  readonly linkBytesPerCycle: Figure;
}

/** What an op costs before its first byte: launch, descriptors, synchronization. */
export interface FloorSpec {
  readonly matrixNs: Figure;
  readonly attentionNs: Figure;
}

/** A chip, or (`covers: 'wafer'`) the wafer that is cut into chips. */
export interface MachineSpec {
  readonly name: string;
  readonly title: string;
  /** Whether the numbers are those of one chip, or of all chips together. */
  readonly covers: 'chip' | 'wafer';
  readonly peakFlopsPerS: Readonly<Partial<Record<ArithmeticType, Figure>>>;
  /** Where the weights sit, and how fast they are read. */
  readonly memory: MemorySpec;
  readonly floors: FloorSpec;
  readonly fabric?: FabricSpec;
  /** Name of the link that stands for what it is sold with. */
  readonly ownLink?: string;
}

/** Software cost of the ways to all-reduce, the time on the wire not included. */
export interface AllReduceSoftware {
  /** Each chip reads all peers at once: `oneShotNs + n * oneShotPerChipNs`. */
  readonly oneShotNs: Figure;
  readonly oneShotPerChipNs: Figure;
  /** Reduce-scatter and all-gather, together. */
  readonly twoShotNs: Figure;
  /** One of the 2 log2(n) steps of a tree. */
  readonly treeStepNs: Figure;
  /** One of the 2 (n - 1) steps of a ring. */
  readonly ringStepNs: Figure;
}

/** What carries messages across a kerf. Rates are per chip and direction. */
export interface LinkSpec {
  readonly name: string;
  readonly title: string;
  /** On the wire and through switches, one way. */
  readonly latencyNs: Figure;
  readonly bandwidthBytesPerS: Figure;
  /** Share of the bandwidth that long messages get. */
  readonly efficiency: Figure;
  /** Software of one message from chip to chip. */
  readonly overheadNs: Figure;
  /** Absent where serving stacks have no kernel of their own for it. */
  readonly customKernels: boolean;
  readonly allReduce: AllReduceSoftware;
}

/** Makes figures of one source and mark. */
export function figuresOf(mark: Mark, source: string): (value: number) => Figure {
  return (value) => Object.freeze({ value, mark, source });
}

/** The peak of a machine in a type. Throws: MACHINE_PARAMETER. */
export function peakOf(machine: MachineSpec, type: ArithmeticType): number {
  const peak = machine.peakFlopsPerS[type];
  if (peak) return peak.value;
  throw new WaferError('MACHINE_PARAMETER', {
    machine: machine.name,
    parameter: `peakFlopsPerS.${type}`,
    hint: `use weights that compute in ${Object.keys(machine.peakFlopsPerS).join(' or ')}`,
  });
}

/** Bytes of an activation there: chips compute in 16 bits, the wafer in what it computes here. */
export function elementBytesOf(machine: MachineSpec): 2 | 4 {
  return machine.covers === 'chip' ? 2 : 4;
}

/** Every figure of a machine or link by its path, in order. */
export function figuresIn(spec: object, path = ''): { path: string; figure: Figure }[] {
  return Object.entries(spec).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value !== 'object' || value === null) return [];
    const here = path === '' ? key : `${path}.${key}`;
    return isFigure(value) ? [{ path: here, figure: value }] : figuresIn(value, here);
  });
}

function isFigure(value: object): value is Figure {
  return 'value' in value && 'mark' in value && 'source' in value;
}

/**
 * What a projection says of a model on a machine, whatever the machine.
 *
 * Time of one token is split into causes that have one owner each and add up. Every number carries
 * where its error comes from: the cohort of published rows nearest to it, and each assumed figure
 * with the time at both ends of its range. Hardware is always shown without speculation.
 */
import type { Figure } from '@wafer/core';
import type { ExpertPlacement } from '../experts/placement.ts';
import type { ExpertRouting } from '../experts/routing.ts';
import type { ModelShape } from './model-shape.ts';
import type { Residency } from './residency.ts';

/** Who owns a part of the time of a token. */
export const CAUSES = [
  'arithmetic and memory',
  'memory below its peak',
  'launches of matrices',
  'small kernels',
  'attention',
  'mesh collectives',
  'mesh hops',
  'wire',
  'software of the link',
  'crossings and the rest',
  'waiting for its turn',
  'not taken apart',
] as const;

export type Cause = (typeof CAUSES)[number];

/** Types of weights that a projection can be asked for. */
export type ProjectedType = 'bf16' | 'fp8' | 'fp4' | 'int8';

export const TYPE_BITS: Readonly<Record<ProjectedType, number>> = {
  bf16: 16,
  fp8: 8,
  fp4: 4,
  int8: 8,
};

export interface ProjectedWork {
  readonly shape: ModelShape;
  readonly type: ProjectedType;
  readonly contextTokens: number;
  readonly promptTokens: number;
  readonly batch: number;
  /** Kernels of weights in fewer bits on GPUs: only the kind that was published. */
  readonly isBlockScaled?: boolean;
  /** Tokens of a prompt that each step fills beside the sequences; absent: none is filled. */
  readonly chunkTokens?: number;
  /** Tokens that are drafted before each check; absent: none is. */
  readonly draftTokens?: number;
  /** How experts lie and are chosen; absent: shares of each on all tiles, evenly. */
  readonly experts?: { readonly placement: ExpertPlacement; readonly routing: ExpertRouting };
}

/** An assumed figure, and microseconds of a token at both ends of its range. */
export interface Swing {
  readonly figure: string;
  readonly range: string;
  readonly lowUs: number;
  readonly highUs: number;
}

/** Published rows that are nearest to a number: their cohort, and the machine as it names it. */
export interface Basis {
  readonly cohort: string;
  readonly machine: string;
  /** What the rows are of, where that is not this. */
  readonly note?: string;
}

/** A layer's region of PEs on a wafer. */
export interface RegionTold {
  /** Wafers that hold something; others idle. */
  readonly wafers: number;
  /** Regions on the fullest wafer. */
  readonly perWafer: number;
  /** Shorter and longer side, PEs. */
  readonly sides: readonly [number, number];
  readonly weightBytesPerPe: number;
  readonly kvBytesPerPe: number;
  readonly codeBytesPerPe: number;
  /** Of all PEs, those in no region. */
  readonly idleShare: number;
}

/** Sequences on the regions of wafers. */
export interface Flight {
  readonly regions: number;
  /** In one region at once. */
  readonly together: number;
  readonly inFlight: number;
}

/** A projection before its error bars: ranges hold the assumed figures alone. */
export interface BareProjection {
  readonly machine: string;
  readonly title: string;
  /** Of wafers. */
  readonly clockHz?: Figure;
  /** Types of its weights, in words. */
  readonly precision: string;
  readonly residency: Residency;
  /** Absent where the model is refused. */
  readonly time?: BareTime;
}

export interface Projection extends BareProjection {
  readonly time?: ProjectedTime;
}

/** Steps that fill a prompt in chunks beside the sequences. */
export interface BesideTime {
  readonly chunkTokens: number;
  readonly steps: number;
  /** Of a token of every other sequence meanwhile. */
  readonly stepUs: number;
  /** Until the prompt's first token. */
  readonly ttftMs: number;
  /** The step over one without a prompt. */
  readonly slowdown: number;
  /** Rows of decode and prompt together. */
  readonly tokensPerS: number;
}

/** A step that checks drafted tokens of every sequence at once. */
export interface CheckTime {
  readonly draftTokens: number;
  /** Of a user's token meanwhile, without drafting. */
  readonly stepUs: number;
}

/** How experts lie, and how long the busiest group is waited for. */
export interface ExpertsTold {
  readonly placement: string;
  readonly routing: string;
  readonly groups: number;
  /** Rows of the busiest group over an even share, mean of drawn steps. */
  readonly busiestShare: number;
  /** No tiles of this project run it. */
  readonly isComputedOnly: boolean;
}

/** How far the time to a first token may be from what is told, and which rows say so. */
export interface PromptRange {
  readonly lowMs: number;
  readonly highMs: number;
  readonly text: string;
}

export interface BareTime {
  /**
   * Microseconds of one token of one user by cause; they add up to `tokenUs`, which is that of all
   * sequences together times their number.
   */
  readonly causes: Readonly<Record<Cause, number>>;
  readonly tokenUs: number;
  /** All assumed figures at their least and most together; with error bars, of the cohort too. */
  readonly lowUs: number;
  readonly highUs: number;
  readonly tokensPerS: number;
  /** All sequences together. */
  readonly throughputTokensPerS: number;
  readonly ttftMs: number;
  /** Where published prompts say how far the told one may be off; else `basis.prefill` does. */
  readonly promptRange?: PromptRange;
  /**
   * How a prompt is run, milliseconds to its first token in another way, and both over the range
   * of all assumed figures.
   */
  readonly prompt?: {
    readonly schedule: string;
    readonly otherMs: number;
    readonly leastMs: number;
    readonly mostMs: number;
  };
  /** Prompt and `promptTokens` more tokens after it. */
  readonly requestMs: number;
  /** Whose nameplate power is told: whole systems, or chips alone where no more is known. */
  readonly powerOf: 'systems' | 'chips alone';
  readonly joulesPerToken: number;
  /** Of the chips alone, where a system's power is told. */
  readonly chipJoulesPerToken?: number;
  readonly tokensPerSPerKw: number;
  readonly tokensPerSPerMm2?: number;
  /** Share of the bandwidth of the memory that weights sit in. */
  readonly memoryShare?: number;
  readonly flight?: Flight;
  readonly region?: RegionTold;
  /** Another all-reduce of the same machine, beside the one charged. */
  readonly otherReduce?: { readonly kernel: string; readonly tokenUs: number };
  readonly kernel?: string;
  readonly basis: { readonly token: Basis; readonly prefill?: Basis };
  /** What of it no published row is near to. */
  readonly unchecked: readonly string[];
  readonly swings: readonly Swing[];
  /** Absent where no chunk was asked for. */
  readonly beside?: BesideTime;
  /** Absent where nothing is drafted, or a check is not told of this machine. */
  readonly check?: CheckTime;
  /** Absent where no placement was asked for, or the model is dense. */
  readonly experts?: ExpertsTold;
}

/** A projection of a machine that holds the model. */
export type TimedProjection = Projection & { readonly time: ProjectedTime };

export function isTimed(one: Projection): one is TimedProjection {
  return one.time !== undefined;
}

export interface ProjectedTime extends BareTime {
  readonly ttftLowMs: number;
  readonly ttftHighMs: number;
  readonly requestLowMs: number;
  readonly requestHighMs: number;
  /** Where each bar comes from, in words. */
  readonly checked: string;
}

/** Positions that a machine has to hold of each sequence: those before a token, or the prompt. */
export function heldTokens({ contextTokens, promptTokens }: ProjectedWork): number {
  return Math.max(contextTokens, promptTokens);
}

/** What of a work no published row is near to, on wafers and GPUs alike. */
export function uncheckedOf({ batch, type, shape }: ProjectedWork): string[] {
  return [
    ...(batch > 1 ? ['batch'] : []),
    ...(type === 'bf16' ? [] : [`decode in ${type}`]),
    ...(shape.experts ? ['experts (their router, choice and sorting are not charged)'] : []),
  ];
}

/** Causes that are not named are 0. */
export function causesOf(some: Partial<Record<Cause, number>>): Record<Cause, number> {
  return Object.fromEntries(CAUSES.map((cause) => [cause, some[cause] ?? 0])) as Record<
    Cause,
    number
  >;
}

/** Sum of the causes. */
export function sumOfCauses(causes: Readonly<Record<Cause, number>>): number {
  return CAUSES.reduce((sum, cause) => sum + causes[cause], 0);
}

/** How many times faster one is for one user than another, and both ends over both ranges. */
export function speedRatio(
  one: Pick<BareTime, 'tokenUs' | 'lowUs' | 'highUs'>,
  other: Pick<BareTime, 'tokenUs' | 'lowUs' | 'highUs'>,
): { ratio: number; low: number; high: number } {
  return {
    ratio: other.tokenUs / one.tokenUs,
    low: other.lowUs / one.highUs,
    high: other.highUs / one.lowUs,
  };
}

/** One line of a waterfall from one machine to another. */
export interface WaterfallStep {
  readonly cause: Cause;
  readonly fromUs: number;
  readonly toUs: number;
  readonly changeUs: number;
}

/** From one machine's time to another's; changes add up to the difference, in any order. */
export function waterfallBetween(from: ProjectedTime, to: ProjectedTime): WaterfallStep[] {
  return CAUSES.map((cause) => {
    const [fromUs, toUs] = [from.causes[cause], to.causes[cause]];
    return { cause, fromUs, toUs, changeUs: toUs - fromUs };
  });
}

/** The shape in a type of weights; a model that has fewer bits of its own keeps them. */
export function inType(shape: ModelShape, type: ProjectedType): ModelShape {
  const most = TYPE_BITS[type];
  const { attention, ffn, experts, vocabulary } = shape.bits;
  const bits = {
    attention: Math.min(attention, most),
    ffn: Math.min(ffn, most),
    experts: Math.min(experts, most),
    vocabulary,
  };
  return { ...shape, bits };
}

/** Types of a model's weights in words: experts', and embedding's and head's, where they differ. */
export function precisionOf({ bits, experts }: ModelShape, type: ProjectedType): string {
  const nameOf = (own: number): string =>
    own === TYPE_BITS.bf16 ? 'bf16' : own === TYPE_BITS[type] ? type : `${own} bits`;
  const most = nameOf(bits.ffn);
  const routed = experts ? nameOf(bits.experts) : most;
  const head = nameOf(bits.vocabulary);
  return [
    most,
    ...(routed === most ? [] : [`experts ${routed}`]),
    ...(head === most ? [] : [`head ${head}`]),
  ].join(', ');
}

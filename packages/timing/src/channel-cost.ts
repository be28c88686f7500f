/**
 * What a message costs on its way: the wafer's mesh, and the link where it crosses a kerf.
 *
 *   arrival = sent + fabric + egress wait + overhead + latency + bytes / bandwidth
 *
 * A crossing pays the mesh, too, so that a link that costs nothing leaves the uncut time. A chip's
 * link is shared out evenly over its tiles that send across kerfs, and each tile's share carries
 * one message after the other. Credits cost nothing: windows count as double-buffered.
 *
 * With an all-reduce of a library, the reduces of the Megatron plan cost what the library takes:
 * their messages cross for nothing, and the tile that holds the sum pays before it hands it out.
 */
import { F32_BYTES, tilePosition, WaferError } from '@wafer/core';
import type { ChannelPlan, FabricSpec, LinkSpec, Plan } from '@wafer/core';
import { allReduce, bytesNs } from './all-reduce.ts';
import type { AllReduceKind, LinkParts } from './all-reduce.ts';

/** Messages as the plan has them, or all-reduces of a library. */
export type ExchangeKind = 'messages' | AllReduceKind;

/** Which causes of delay count. */
export interface Terms {
  readonly bandwidth: boolean;
  readonly latency: boolean;
  readonly overhead: boolean;
  /** The machine's memory instead of a wafer's SRAM. */
  readonly memory: boolean;
}

export const ALL_TERMS: Terms = { bandwidth: true, latency: true, overhead: true, memory: true };

/** One message of a channel, by cause. */
export interface ChannelCost {
  readonly isKerf: boolean;
  readonly bytes: number;
  readonly fabricNs: number;
  readonly link: LinkParts;
}

export interface ChannelCosting {
  plan: Plan;
  chipOf: readonly number[];
  fabric: FabricSpec | undefined;
  link: LinkSpec | undefined;
  collective: ExchangeKind;
  terms: Terms;
  elementBytes: 2 | 4;
}

const FREE: LinkParts = { overheadNs: 0, latencyNs: 0, bandwidthNs: 0 };

/** Costs of the channels of a plan under a dice and a link. */
export class ChannelCosts {
  readonly #use: ChannelCosting;
  readonly #laneCounts: ReadonlyMap<number, number>;

  constructor(use: ChannelCosting) {
    this.#use = use;
    this.#laneCounts = laneCounts(use.plan, use.chipOf);
    const isCut = this.#laneCounts.size > 0;
    if (isCut && !use.link) {
      const expected = 'a link, as the wafer is cut';
      throw new WaferError('PLAN_OPTION', { option: 'link', value: 'none', expected });
    }
  }

  /** Cost of a message of `rowCount` rows. */
  cost(channel: ChannelPlan, rowCount: number): ChannelCost {
    const { chipOf, elementBytes } = this.#use;
    const bytes = rowCount * channel.columnCount * elementBytes;
    const isKerf = chipOf[channel.source] !== chipOf[channel.target];
    const isPaid = isKerf && !this.isInLibrary(channel.collective);
    return {
      isKerf,
      bytes,
      fabricNs: this.#fabricNs(channel, bytes),
      link: isPaid ? this.#linkParts(chipOf[channel.source]!, bytes) : FREE,
    };
  }

  /** What an all-reduce costs the tile that hands out its sum. */
  reduceCost(reduce: number, rowCount: number): LinkParts {
    const { plan, chipOf, link, collective, elementBytes } = this.#use;
    if (collective === 'messages' || !link) return FREE;
    const { members, bytesPerRow } = plan.collectives[reduce]!;
    const chipCount = new Set(members.map((tile) => chipOf[tile])).size;
    const bytes = rowCount * (bytesPerRow / F32_BYTES) * elementBytes;
    return this.#withTerms(allReduce({ link, kind: collective, chipCount, bytes }));
  }

  /** Whether a library's all-reduce stands for the messages of a collective of the plan. */
  isInLibrary(id: number): boolean {
    const { plan, collective } = this.#use;
    return collective !== 'messages' && plan.collectives[id]!.kind === 'all-reduce';
  }

  #linkParts(chip: number, bytes: number): LinkParts {
    const link = this.#use.link!;
    const lanes = this.#laneCounts.get(chip) ?? 1;
    return this.#withTerms({
      overheadNs: link.overheadNs.value,
      latencyNs: link.latencyNs.value,
      bandwidthNs: bytesNs(link, bytes) * lanes,
    });
  }

  #withTerms(parts: LinkParts): LinkParts {
    return applyTerms(parts, this.#use.terms);
  }

  #fabricNs({ source, target }: ChannelPlan, bytes: number): number {
    const { plan, fabric } = this.#use;
    if (!fabric) {
      const hint = 'use one tile, or a machine with a fabric';
      throw new WaferError('MACHINE_PARAMETER', { machine: 'host', parameter: 'fabric', hint });
    }
    const { grid } = plan.options;
    const [from, to] = [tilePosition(grid, source), tilePosition(grid, target)];
    const tilePes = {
      across: fabric.pesAcross.value / grid.width,
      down: fabric.pesDown.value / grid.height,
    };
    const across = Math.abs(to.x - from.x);
    const hops = across * tilePes.across + Math.abs(to.y - from.y) * tilePes.down;
    const edgeLinks = across > 0 ? tilePes.down : tilePes.across;
    const cycles =
      hops * fabric.hopCycles.value +
      2 * fabric.rampCycles.value +
      bytes / (edgeLinks * fabric.linkBytesPerCycle.value);
    return (cycles / fabric.clockHz.value) * 1e9;
  }
}

/** Parts of a link whose term is off count nothing. */
export function applyTerms(parts: LinkParts, terms: Terms): LinkParts {
  return {
    overheadNs: terms.overhead ? parts.overheadNs : 0,
    latencyNs: terms.latency ? parts.latencyNs : 0,
    bandwidthNs: terms.bandwidth ? parts.bandwidthNs : 0,
  };
}

/** How many tiles of each chip send across a kerf. */
function laneCounts(plan: Plan, chipOf: readonly number[]): Map<number, number> {
  const senders = new Set<number>();
  for (const { source, target } of plan.channels) {
    if (chipOf[source] !== chipOf[target]) senders.add(source);
  }
  const counts = new Map<number, number>();
  for (const tile of senders) {
    const chip = chipOf[tile]!;
    counts.set(chip, (counts.get(chip) ?? 0) + 1);
  }
  return counts;
}

/**
 * One answer on a described machine: tokens that were computed, time that was told.
 *
 * What a row of a bench needs. The same plan, machine and prompt give the same figures, on any
 * host, in any schedule; with `injectDelays`, wall times are measured beside them.
 */
import { assert } from '@wafer/core';
import type { DelayFigures } from '@wafer/fabric';
import { Wafer } from '@wafer/runtime';
import type { VirtualOptions, WaferOptions } from '@wafer/runtime';
import { quantileOf } from '../statistics.ts';

export interface VirtualRun {
  clock: 'virtual';
  tokens: number[];
  /** Until the first token was there. */
  prefillVirtualNs: number;
  /** Of each token after the first; 0 if there are none. */
  tokenVirtualNs: { p50: number; p99: number };
  /** Tokens per second after the first; 0 if there are none. */
  tokensPerS: number;
  /** Where tiles spent the virtual time of the whole answer: means, which add up to 1. */
  shares: { compute: number; transfer: number; wait: number };
  /** As counted by the channels, in f32. */
  kerfBytesPerToken: number;
  delays: DelayFigures | undefined;
}

/** Starts a wafer, runs a prompt and says what it took. Throws: what a wafer throws. */
export async function measureVirtual(
  options: WaferOptions & { virtual: VirtualOptions },
  request: { prompt: ArrayLike<number>; maxTokens: number },
): Promise<VirtualRun> {
  await using wafer = await Wafer.start(options);
  const { prompt, maxTokens } = request;
  const tokens: number[] = [];
  const times: number[] = [];
  for await (const piece of wafer.generate(prompt, { maxTokens, temperature: 0 })) {
    tokens.push(piece.token);
    times.push(piece.virtualNs!);
  }
  const { virtual, computedTokens } = await wafer.metrics();
  assert(virtual !== undefined, 'a wafer with a virtual clock has its figures');
  const [prefillVirtualNs = 0] = times;
  const tookNs = times.slice(1).map((ns, i) => ns - times[i]!);
  const at = (share: number): number => (tookNs.length === 0 ? 0 : quantileOf(tookNs, share));
  const decodeNs = times.at(-1)! - prefillVirtualNs;
  return {
    clock: 'virtual',
    tokens,
    prefillVirtualNs,
    tokenVirtualNs: { p50: at(0.5), p99: at(0.99) },
    tokensPerS: decodeNs > 0 ? (tookNs.length / decodeNs) * 1e9 : 0,
    shares: sharesOf(virtual),
    kerfBytesPerToken: kerfBytes(wafer) / computedTokens,
    delays: virtual.delays,
  };
}

/** A tile that is done waits for the others. */
function sharesOf({ tiles, totalVirtualNs }: VirtualTotals): VirtualRun['shares'] {
  const mean = (field: 'computeVirtualNs' | 'transferVirtualNs'): number =>
    tiles.reduce((sum, tile) => sum + tile[field], 0) / tiles.length / totalVirtualNs;
  const [compute, transfer] = [mean('computeVirtualNs'), mean('transferVirtualNs')];
  return { compute, transfer, wait: 1 - compute - transfer };
}

type VirtualTotals = NonNullable<Awaited<ReturnType<Wafer['metrics']>>['virtual']>;

/** Payload of all channels that cross kerfs: each row that is computed moves the same. */
function kerfBytes(wafer: Wafer): number {
  const { chipOf } = wafer.dice;
  return wafer.traffic().channels.reduce((sum, { channel, payloadBytes }) => {
    const { source, target } = wafer.plan.channels[channel]!;
    return chipOf[source] === chipOf[target] ? sum : sum + payloadBytes;
  }, 0);
}

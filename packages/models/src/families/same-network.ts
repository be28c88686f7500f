/**
 * Whether two specs compute the same: what a writer wrote is read back and compared, so that no
 * format loses what it has no words for.
 *
 * Numbers that GGUF keeps as f32 are compared to six digits; frequencies are compared as such, as
 * they may be said by a scaling or by divisors. Names of families and unused widths do not count.
 */
import { brief, ropeFrequencies } from '@wafer/core';
import type { ModelSpec } from '@wafer/core';
import { layersOf, simplified } from './layer-pattern.ts';

const CLOSE = 1e-6;

/** The first thing in which what was read differs, in words; undefined where nothing does. */
export function differenceOf(wanted: ModelSpec, read: ModelSpec): string | undefined {
  return difference('', comparable(wanted), comparable(read));
}

function comparable(spec: ModelSpec): Record<string, unknown> {
  const { family: _, layers: _pattern, rope, ffnWidth, ...plain } = simplified(spec);
  const layers = layersOf(simplified(spec));
  const isDense = layers.some(({ ffn }) => ffn === 'dense');
  const { scaling } = rope;
  return {
    ...plain,
    layers,
    ffnWidth: isDense ? ffnWidth : 0,
    rope: {
      rotaryWidth: rope.rotaryWidth,
      frequencies: [...ropeFrequencies(rope)],
      attentionFactor: scaling.kind === 'yarn' ? scaling.attentionFactor : 1,
    },
  };
}

function difference(path: string, wanted: unknown, read: unknown): string | undefined {
  if (typeof wanted === 'number' && typeof read === 'number') {
    const isClose = Math.abs(wanted - read) <= CLOSE * Math.abs(wanted);
    return isClose ? undefined : says(path, wanted, read);
  }
  if (!isTree(wanted) || !isTree(read)) {
    return wanted === read ? undefined : says(path, wanted, read);
  }
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(read)])) {
    const inside = difference(path === '' ? key : `${path}.${key}`, wanted[key], read[key]);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function says(path: string, wanted: unknown, read: unknown): string {
  return `${path} is ${brief(wanted)}, its config would say ${brief(read)}`;
}

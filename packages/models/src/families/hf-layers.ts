/**
 * What single layers of a Hugging Face config do: windows, layers without rotation.
 *
 * `layer_types` names each layer's attention where it is there; else older fields say it.
 */
import type { LayerSpec, ModelSpec } from '@wafer/core';
import type { Fields } from '../source/fields.ts';
import { SPEC_LIMITS } from '../source/spec-limits.ts';
import { layersOf } from './layer-pattern.ts';

export type Sees = LayerSpec['sees'];

const SEES: Readonly<Record<string, Sees>> = {
  full_attention: 'all',
  sliding_attention: 'window',
  chunked_attention: 'chunk',
};

/** What each layer sees by `layer_types`; undefined where the field is absent. */
export function readLayerTypes(
  fields: Fields,
  layerCount: number,
  known: readonly Sees[],
): Sees[] | undefined {
  const list = fields.list('layer_types', layerCount);
  if (list === undefined) return undefined;
  const names = Object.keys(SEES).filter((name) => known.includes(SEES[name] as Sees));
  if (list.length !== layerCount) {
    throw fields.invalid('layer_types', `a list of num_hidden_layers = ${layerCount} names`);
  }
  return list.map((name) => {
    if (typeof name === 'string' && names.includes(name)) return SEES[name] as Sees;
    throw fields.invalid('layer_types', `a list of ${names.join(' or ')}`);
  });
}

/** Names of what each layer sees. */
export function layerTypes(spec: ModelSpec): string[] {
  const names = new Map(Object.entries(SEES).map(([name, sees]) => [sees, name]));
  return layersOf(spec).map(({ sees }) => names.get(sees) ?? '');
}

/** The positions of a window or chunk; undefined where the field is absent or null. */
export function readWindow(fields: Fields, name: string, fallback?: number): number | undefined {
  if (fields.isNull(name) || (!fields.has(name) && fallback === undefined)) return undefined;
  const rule = { min: 1, max: SPEC_LIMITS.contextMax };
  return fields.integer(name, fallback === undefined ? rule : { ...rule, fallback });
}

/** Which layers are rotated: by a list of 0 and 1, or all but every nth. */
export function readRotated(fields: Fields, layerCount: number): boolean[] {
  const every = fields.integer('no_rope_layer_interval', {
    min: 1,
    max: SPEC_LIMITS.layerCount,
    fallback: 4,
  });
  const list = fields.list('no_rope_layers', SPEC_LIMITS.layerCount);
  if (list === undefined || list.length === 0) {
    return Array.from({ length: layerCount }, (_, index) => (index + 1) % every !== 0);
  }
  const isRight = list.length >= layerCount && list.every((item) => item === 0 || item === 1);
  if (!isRight) throw fields.invalid('no_rope_layers', `0 or 1 for each of ${layerCount} layers`);
  return list.slice(0, layerCount).map((item) => item === 1);
}

/** The list that `readRotated` reads. */
export function rotatedList(spec: ModelSpec): number[] {
  return layersOf(spec).map(({ isRotated }) => Number(isRotated));
}

/**
 * Windows by `layer_types`, or by `use_sliding_window` from a layer on. Qwen's and SmolLM3's way.
 * Throws: CONFIG_INVALID, also where the two contradict each other.
 */
export function readSwitchedWindow(
  fields: Fields,
  layerCount: number,
  isWindowed: (index: number) => boolean,
  fallback?: number,
): { sees: Sees[]; windowTokens: number } {
  const isOn = fields.boolean('use_sliding_window', false);
  const width = readWindow(fields, 'sliding_window', fallback);
  const types = readLayerTypes(fields, layerCount, ['all', 'window']);
  const hasWindow = isOn && width !== undefined;
  const sees =
    types ??
    Array.from({ length: layerCount }, (_, index): Sees =>
      hasWindow && isWindowed(index) ? 'window' : 'all',
    );
  if (sees.includes('window') && !hasWindow) {
    throw fields.invalid('layer_types', `no windows, as use_sliding_window is ${isOn}`);
  }
  return { sees, windowTokens: width ?? 0 };
}

/** The fields of `readSwitchedWindow`. */
export function switchedWindow(spec: ModelSpec): Record<string, unknown> {
  const { windowTokens } = spec.attention;
  return {
    use_sliding_window: windowTokens > 0,
    sliding_window: windowTokens > 0 ? windowTokens : null,
    layer_types: layerTypes(spec),
  };
}

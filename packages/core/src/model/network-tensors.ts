/**
 * Tensors as the network knows them: by what they are, beside their canonical names.
 *
 * A name is a key; what a tensor is for is read from `kind`, `layer` and `expert`.
 */
import { expertsOf } from './tensors.ts';
import type { ModelSpec } from './spec.ts';

/** One tensor of a network: a matrix [rows = outputs, columns = inputs], or a vector of one row. */
export interface NetworkTensor {
  name: string;
  /** What it is within its layer: `q`, `down`, `experts.down`, `router.bias`, `embed` … */
  kind: string;
  rows: number;
  columns: number;
  isVector: boolean;
  layer: number | undefined;
  /** Of one expert. */
  expert: number | undefined;
}

/** The tensors of one expert. */
export interface ExpertTensors {
  expert: number;
  gate: NetworkTensor;
  up: NetworkTensor;
  down: NetworkTensor;
  gateBias: NetworkTensor | undefined;
  upBias: NetworkTensor | undefined;
  downBias: NetworkTensor | undefined;
}

interface Where {
  kind: string;
  columns: number;
  layer?: number;
  expert?: number;
}

/** A matrix. */
export function tensorOf(name: string, use: Where & { rows: number }): NetworkTensor {
  const { kind, rows, columns, layer, expert } = use;
  return { name, kind, rows, columns, isVector: false, layer, expert };
}

/** A vector. */
export function vectorOf(name: string, use: Where): NetworkTensor {
  const { kind, columns, layer, expert } = use;
  return { name, kind, rows: 1, columns, isVector: true, layer, expert };
}

/** Kinds of the three matrices of a dense layer, or of the shared expert. */
export function ffnTensorsOf(prefix: '' | 'shared.'): Record<'gate' | 'up' | 'down', string> {
  return { gate: `${prefix}gate`, up: `${prefix}up`, down: `${prefix}down` };
}

/** The tensors of all experts of a layer. */
export function expertTensors(spec: ModelSpec, layer: number): ExpertTensors[] {
  const { modelWidth: d } = spec;
  const { expertCount, expertWidth: f, hasBias } = expertsOf(spec);
  return Array.from({ length: expertCount }, (_, expert) => {
    const prefix = `layers.${layer}.experts.${expert}`;
    const matrix = (name: string, rows: number, columns: number): NetworkTensor =>
      tensorOf(`${prefix}.${name}`, { kind: `experts.${name}`, rows, columns, layer, expert });
    const bias = (name: string, columns: number): NetworkTensor | undefined => {
      const kind = `experts.${name}.bias`;
      return hasBias
        ? vectorOf(`${prefix}.${name}.bias`, { kind, columns, layer, expert })
        : undefined;
    };
    return {
      expert,
      gate: matrix('gate', f, d),
      up: matrix('up', f, d),
      down: matrix('down', d, f),
      gateBias: bias('gate', f),
      upBias: bias('up', f),
      downBias: bias('down', d),
    };
  });
}

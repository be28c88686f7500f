/**
 * What a family does differently moves its logits far beyond the tolerance of every comparison.
 *
 * So an implementation that leaves a feature out cannot agree with the reference by accident.
 */
import { expect, test } from 'vitest';
import type { ExpertSpec, LayerSpec, ModelSpec, RopeSpec, RouterSpec } from '@wafer/core';
import { syntheticModel } from '@wafer/models';
import { seededTokens } from '../contract/wafers.ts';
import { worstDifference } from './compare.ts';
import type { LogitRows } from './compare.ts';
import { turned, withExperts, withLayers, withoutBias } from './double-changes.ts';
import { DOUBLE_TOLERANCE, forwardDouble, readDoubleWeights } from './double-forward.ts';
import type { DoubleWeights } from './double-forward.ts';
import { FAMILY_GOLDEN_SPECS } from './family-specs.ts';
import type { GoldenFamily } from './family-specs.ts';

const TOKEN_COUNT = 20;

interface Changed {
  spec?: Partial<ModelSpec>;
  weights?: DoubleWeights;
}

type Change = (spec: ModelSpec, weights: DoubleWeights) => Changed;

const attention =
  (change: Partial<ModelSpec['attention']>): Change =>
  (spec) => ({ spec: { attention: { ...spec.attention, ...change } } });
const rope =
  (change: Partial<RopeSpec>): Change =>
  (spec) => ({ spec: { rope: { ...spec.rope, ...change } } });
const experts =
  (change: Partial<ExpertSpec>): Change =>
  (spec) => ({ spec: { experts: { ...(spec.experts as ExpertSpec), ...change } } });
const router =
  (change: Partial<RouterSpec>): Change =>
  (spec, weights) =>
    experts({ router: { ...(spec.experts as ExpertSpec).router, ...change } })(spec, weights);
/** Layers in order, each changed by its index. */
const layers =
  (change: (layer: LayerSpec, index: number) => Partial<LayerSpec>): Change =>
  ({ layers: { leading, repeating } }) => {
    const every = (layer: LayerSpec, index: number): LayerSpec => ({
      ...layer,
      ...change(layer, index),
    });
    return { spec: { layers: { leading: leading.map(every), repeating: repeating.map(every) } } };
  };
const dropped =
  (drop: (weights: DoubleWeights) => DoubleWeights): Change =>
  (_, weights) => ({ weights: drop(weights) });

const known = new Map<
  GoldenFamily,
  { weights: DoubleWeights; tokens: number[]; right: LogitRows }
>();

function reference(family: GoldenFamily): NonNullable<ReturnType<(typeof known)['get']>> {
  const spec = FAMILY_GOLDEN_SPECS[family];
  const model = syntheticModel({ name: family, spec, type: 'f32', seed: 11 });
  const tokens = seededTokens(model, TOKEN_COUNT);
  const weights = readDoubleWeights(model);
  const made = { weights, tokens, right: forwardDouble(spec, weights, tokens) };
  known.set(family, made);
  return made;
}

const CHANGES: readonly [string, GoldenFamily, Change][] = [
  ['a window that is longer by one', 'mistral', attention({ windowTokens: 8 })],
  ['no window', 'mistral', layers(() => ({ sees: 'all' }))],
  ['a chunk in place of a window', 'mistral', layers(() => ({ sees: 'chunk' }))],
  ['a chunk that is longer by one', 'llama4', attention({ windowTokens: 9 })],
  ['a window in place of a chunk', 'llama4', layers(() => ({ sees: 'window' }))],
  [
    'windows in the other layers',
    'gpt-oss',
    layers((_, index) => ({ sees: index % 2 === 0 ? 'all' : 'window' })),
  ],
  ['a layer without positions, rotated', 'smollm3', layers(() => ({ isRotated: true }))],
  ['no layer rotated', 'smollm3', layers(() => ({ isRotated: false }))],
  [
    'another layer without positions',
    'smollm3',
    layers((_, index) => ({ isRotated: index !== 2 })),
  ],
  ['no norm of q and k', 'qwen3', attention({ queryKeyNorm: 'none' })],
  [
    'gains of q turned',
    'qwen3',
    dropped((weights) => withLayers(weights, turnedGains('queryNorm'))),
  ],
  ['gains of k turned', 'qwen3', dropped((weights) => withLayers(weights, turnedGains('keyNorm')))],
  ['no unit norm of q and k', 'llama4', attention({ queryKeyNorm: 'none' })],
  ['no sinks', 'gpt-oss', dropped((weights) => withLayers(weights, () => ({ sinks: undefined })))],
  [
    'sinks of other heads',
    'gpt-oss',
    dropped((weights) => withLayers(weights, ({ sinks }) => ({ sinks: turned(sinks) }))),
  ],
  ['no temperature', 'llama4', attention({ temperature: undefined })],
  [
    'temperature by other steps',
    'llama4',
    attention({ temperature: { scale: 0.1, floorTokens: 9 } }),
  ],
  ['another temperature', 'llama4', attention({ temperature: { scale: 0.11, floorTokens: 8 } })],
  [
    'no norm after attention',
    'glm4',
    dropped((weights) => withLayers(weights, () => ({ attentionPostNorm: undefined }))),
  ],
  [
    'no norm after feed-forward',
    'glm4',
    dropped((weights) => withLayers(weights, () => ({ ffnPostNorm: undefined }))),
  ],
  ['halves in place of pairs', 'glm4', rope({ layout: 'halves' })],
  ['more of a head rotated', 'glm4', rope({ rotaryWidth: 10 })],
  ['less of a head rotated', 'glm4-moe', rope({ rotaryWidth: 14 })],
  ['YaRN with whole dimensions', 'gpt-oss', wholeDimensions],
  ['no clamped activation', 'gpt-oss', () => ({ spec: { activation: { kind: 'silu' } } })],
  ['another slope', 'gpt-oss', clamped({ alpha: 1.8 })],
  ['another limit', 'gpt-oss, tight clamp', clamped({ limit: 0.8 })],
  ['no limit', 'gpt-oss, tight clamp', clamped({ limit: 100 })],
  ['an expert more', 'mixtral', experts({ chosenCount: 3 })],
  ['an expert less', 'qwen3-moe', experts({ chosenCount: 3 })],
  ['weights that are not normalized', 'qwen3-moe', router({ weights: 'scores' })],
  ['weights of sigmoid scores', 'mixtral', router({ score: 'sigmoid' })],
  ['weights of softmax scores', 'glm4-moe', router({ score: 'softmax' })],
  ['weights by a softmax of scores', 'mixtral', router({ weights: 'softmax' })],
  ['logits that are normalized', 'gpt-oss', router({ weights: 'normalized' })],
  ['weights of another scale', 'glm4-moe', router({ scale: 2.45 })],
  ['all groups', 'glm4-moe, groups', router({ groups: undefined })],
  ['a group less', 'glm4-moe, groups', router({ groups: { count: 4, keptCount: 1 } })],
  ['groups of other experts', 'glm4-moe, groups', router({ groups: { count: 2, keptCount: 1 } })],
  [
    'no bias of the choice',
    'glm4-moe',
    dropped((weights) => withExperts(weights, () => ({ selectionBias: undefined }))),
  ],
  [
    'no bias of the router',
    'gpt-oss',
    dropped((weights) =>
      withExperts(weights, ({ router: each }) => ({ router: { ...each, bias: undefined } })),
    ),
  ],
  ['weighted outputs', 'llama4', experts({ weighsInput: false })],
  [
    'no shared expert',
    'llama4',
    dropped((weights) => withExperts(weights, () => ({ shared: undefined }))),
  ],
  [
    'no shared expert beside three',
    'glm4-moe',
    dropped((weights) => withExperts(weights, () => ({ shared: undefined }))),
  ],
  [
    'experts in another order',
    'llama4, dense between',
    dropped((weights) =>
      withExperts(weights, ({ experts: each }) => ({ experts: each.toReversed() })),
    ),
  ],
  ...(['q', 'k', 'v', 'o', 'gate', 'up', 'down'] as const).map(
    (matrix): [string, GoldenFamily, Change] => [
      `no bias of ${matrix}`,
      'gpt-oss',
      dropped((weights) => withoutBias(weights, matrix)),
    ],
  ),
];

function turnedGains(
  name: 'queryNorm' | 'keyNorm',
): (layer: DoubleWeights['layers'][number]) => Partial<DoubleWeights['layers'][number]> {
  return (layer) => ({ [name]: turned(layer[name]) });
}

function wholeDimensions({ rope: old }: ModelSpec): Changed {
  const scaling = { ...old.scaling, truncate: true } as RopeSpec['scaling'];
  return { spec: { rope: { ...old, scaling } } };
}

function clamped(change: { alpha?: number; limit?: number }): Change {
  return ({ activation }) => ({
    spec: { activation: { ...activation, ...change } as ModelSpec['activation'] },
  });
}

test.each(CHANGES)('%s, as in %s', (_, family, change) => {
  const { weights, tokens, right } = known.get(family) ?? reference(family);
  const spec = FAMILY_GOLDEN_SPECS[family];
  const changed = change(spec, weights);
  const rows = forwardDouble({ ...spec, ...changed.spec }, changed.weights ?? weights, tokens);
  expect(worstDifference(rows, right)).toBeGreaterThan(50 * DOUBLE_TOLERANCE);
});

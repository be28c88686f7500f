import { expect, test } from 'vitest';
import { shapeOfConfig } from './config-shape.ts';

const SIZES = {
  hidden_size: 64,
  num_attention_heads: 4,
  num_hidden_layers: 6,
  intermediate_size: 64,
  vocab_size: 64,
  max_position_embeddings: 4096,
};

const windowOf = (more: object): unknown => shapeOfConfig({ ...SIZES, ...more }, 'x.json').window;
const window = { sliding_window: 128 };
const chunks = { attention_chunk_size: 512 };

test.each([
  ['all', window, 6],
  ['types', { ...window, layer_types: ['sliding_attention', 'full_attention'] }, 1],
  ['each third sees all', { ...window, sliding_window_pattern: 3 }, 4],
  ['from a layer on', { ...window, use_sliding_window: true, max_window_layers: 5 }, 1],
  ['a list of those that rotate', { ...chunks, no_rope_layers: [1, 1, 1, 0, 1, 1] }, 5],
  ['each fourth does not rotate', { ...chunks, no_rope_layers: [] }, 5],
  ['each third', { ...chunks, no_rope_layer_interval: 3 }, 4],
])('layers with a window are those of the configuration: %s', (_, more, layers) => {
  const tokens = 'sliding_window' in more ? 128 : 512;
  expect(windowOf(more)).toEqual({ tokens, layers });
});

test.each([
  ['none', {}],
  ['of no width', { sliding_window: null }],
  ['off', { ...window, use_sliding_window: false }],
  ['beyond the last layer', { ...window, use_sliding_window: true, max_window_layers: 6 }],
  ['in no layer', { ...window, layer_types: ['full_attention'] }],
])('a configuration without windows has none: %s', (_, more) => {
  expect(windowOf(more)).toBeUndefined();
});

import { layerOf, PLAIN_NETWORK, type LayerSpec, type ModelSpec } from '@wafer/core';
import { expect, test } from 'vitest';
import { FAMILY_SPECS } from '../synthetic/synthetic-families.ts';
import { layersOf, patternOf, simplified } from './layer-pattern.ts';

/** Layers from letters: d dense, e experts. */
function layers(letters: string): LayerSpec[] {
  return Array.from(letters, (letter) => ({
    sees: 'all',
    isRotated: true,
    ffn: letter === 'd' ? 'dense' : 'experts',
  }));
}

test.each([
  ['d', '', 'd'],
  ['dddd', '', 'd'],
  ['dede', '', 'de'],
  ['deded', '', 'de'],
  ['deeee', 'd', 'e'],
  ['ddded', '', 'ddde'],
  ['dddedd', '', 'ddde'],
  ['deddd', 'de', 'd'],
])('%s leads with "%s" and repeats "%s"', (list, leading, repeating) => {
  expect(patternOf(layers(list))).toEqual({
    leading: layers(leading),
    repeating: layers(repeating),
  });
});

test('a pattern says of every layer what the list said', () => {
  for (let code = 0; code < 2 ** 9; code++) {
    const list = Array.from({ length: 9 }, (_, bit) => ((code >> bit) & 1 ? 'd' : 'e')).join('');
    const pattern = patternOf(layers(list));
    const found = layers(list).map((_, index) => layerOf({ layers: pattern }, index));
    expect(found, list).toEqual(layers(list));
  }
});

test('4096 layers without a pattern take no time to speak of', () => {
  const list = layers(Array.from({ length: 4096 }, (_, i) => 'de'[((i * i) % 7) & 1]).join(''));
  expect(patternOf(list).leading.length + patternOf(list).repeating.length).toBeLessThan(4097);
});

test('a window as wide as the context is none, and a width without windows is 0', () => {
  const windowed = FAMILY_SPECS.mistral;
  expect(simplified(windowed)).toBe(windowed);
  const wide: ModelSpec = { ...windowed, contextMax: windowed.attention.windowTokens };
  expect(layersOf(simplified(wide)).every(({ sees }) => sees === 'all')).toBe(true);
  expect(simplified(wide).attention.windowTokens).toBe(0);
  const unused: ModelSpec = { ...wide, layers: PLAIN_NETWORK.layers };
  expect(simplified(unused).attention.windowTokens).toBe(0);
});

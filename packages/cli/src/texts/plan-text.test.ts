import { expect, test } from 'vitest';
import { SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
import { prepareModel } from '@wafer/runtime/internal';
import { summarizePlan } from './plan-summary.ts';
import { planText } from './plan-text.ts';
import { waferSettings } from '../wafer-options.ts';

test('the memory of windows is told apart, with what the whole KV cache takes', () => {
  const tiny = SYNTHETIC_SPECS['tiny']!;
  const layer = { isRotated: true, ffn: 'dense' } as const;
  const spec = {
    ...tiny,
    layers: { leading: [], repeating: [{ sees: 'window' as const, ...layer }] },
    attention: { ...tiny.attention, windowTokens: 32 },
  };
  const model = syntheticModel({ name: 'windows', spec, type: 'f32', seed: 1 });
  const settings = waferSettings(
    model,
    { prefixReuse: true, revectorize: false, hugePages: false, grid: '1x1' },
    { sequences: 2, kvTokens: 4096 },
  );
  const { plan } = prepareModel(model, settings.options);
  const summary = summarizePlan('windows', plan, settings);
  // Two blocks of window before a row and one more it may touch, of two sequences; 128 rows; half
  // of them idle.
  const blockCount = 2 * (2 * (2 + 1 + 1) + 8);
  const blockBytes = 2 * 16 * spec.kvHeadCount * spec.headWidth * 4 * spec.layerCount;
  expect(summary.windows).toEqual({
    windowTokens: 32,
    kvTokens: blockCount * 16,
    kvBytes: blockCount * blockBytes,
  });
  expect(summary.tiles[0]!.kvBytes).toBe(blockCount * blockBytes);
  expect(planText(summary, 80)).toContainEqual(
    expect.stringMatching(/^kv cache +\S+ \S+ for 4,096 tokens, of it \S+ \S+ for windows of 32$/),
  );
});
